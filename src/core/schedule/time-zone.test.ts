import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTimeZone } from "./time-zone.ts";

const hourMs = 3_600_000;

function changes(name: string, from: string, to: string): [string, number][] {
  const zone = parseTimeZone(name);
  const found: [string, number][] = [];
  let atMs = Date.parse(from);
  for (;;) {
    const change = zone.nextTransition(atMs, Date.parse(to));
    if (change === undefined) return found;
    found.push([new Date(change.atMs).toISOString(), (change.toMs - change.fromMs) / hourMs]);
    atMs = change.atMs;
  }
}

test("the offset changes where the zone says, by as much as it says", () => {
  expect(changes("Europe/Berlin", "2026-01-01", "2027-01-01")).toEqual([
    ["2026-03-29T01:00:00.000Z", 1],
    ["2026-10-25T01:00:00.000Z", -1],
  ]);
  expect(changes("Australia/Lord_Howe", "2026-01-01", "2027-01-01")).toEqual([
    ["2026-04-04T15:00:00.000Z", -0.5],
    ["2026-10-03T15:30:00.000Z", 0.5],
  ]);
  expect(changes("Pacific/Apia", "2011-11-01", "2012-02-01")).toEqual([["2011-12-30T10:00:00.000Z", 24]]);
  expect(changes("UTC", "1990-01-01", "2030-01-01")).toEqual([]);
});

test("a change is recent from its instant on for two days", () => {
  const zone = parseTimeZone("Europe/Berlin");
  const atMs = Date.parse("2026-03-29T01:00:00Z");
  const change = { atMs, fromMs: hourMs, toMs: 2 * hourMs };
  expect([atMs - 1, atMs, atMs + 47 * hourMs, atMs + 48 * hourMs].map((ms) => zone.recentTransition(ms))).toEqual([
    undefined,
    change,
    change,
    undefined,
  ]);
});

test.each([
  ["Europe/Berln", "unknown time zone `Europe/Berln`, did you mean `Europe/Berlin`?"],
  ["berlin", "unknown time zone `berlin`, did you mean `Europe/Berlin`?"],
  ["UCT0", "unknown time zone `UCT0`, did you mean `UTC`?"],
  ["", "unknown time zone ``"],
])("the zone `%s` is refused with the nearest", (name, message) => {
  expect(() => parseTimeZone(name)).toThrowError(message);
});

test("between two changes the offset of any zone stays the same", () => {
  const zones = fc.constantFrom("UTC", ...Intl.supportedValuesOf("timeZone"));
  const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });
  fc.assert(
    fc.property(zones, instant, fc.integer({ min: 1, max: 400 * 24 }), (name, atMs, hours) => {
      const zone = parseTimeZone(name);
      const untilMs = atMs + hours * hourMs;
      const change = zone.nextTransition(atMs, untilMs);
      if (change === undefined) return zone.offsetMs(untilMs) === zone.offsetMs(atMs);
      return (
        zone.offsetMs(change.atMs - 1) === zone.offsetMs(atMs) &&
        change.fromMs === zone.offsetMs(change.atMs - 1) &&
        change.toMs === zone.offsetMs(change.atMs)
      );
    }),
    { numRuns: 60 },
  );
});

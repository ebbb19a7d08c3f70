import fc from "fast-check";
import { expect, test } from "vitest";
import type { ScheduleTiming } from "./schedule.ts";
import { listFires, nextFire, previousFire } from "./schedule-fires.ts";
import { parseTimeZone } from "./time-zone.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

function cron(expression: string, timezone: string): ScheduleTiming {
  return { kind: "cron", cron: expression, timezone };
}

function fires(timing: ScheduleTiming, from: string, to: string): string[] {
  return listFires(timing, Date.parse(from), Date.parse(to), 1_000).map((ms) =>
    new Date(ms).toISOString().slice(0, 16),
  );
}

test.each([
  // 2026-03-29 02:00 → 03:00
  ["Europe/Berlin", "30 2 * * *", "2026-03-28", "2026-03-31", ["28T01:30", "29T01:00", "30T00:30"]],
  ["Europe/Berlin", "30 2,14 * * *", "2026-03-29", "2026-03-30", ["29T01:00", "29T12:30"]],
  ["Europe/Berlin", "*/20 2 * * *", "2026-03-29", "2026-03-30T00:10Z", ["29T01:00", "30T00:00"]],
  ["Europe/Berlin", "0 3 * * *", "2026-03-29", "2026-03-30", ["29T01:00"]],
  ["Europe/Berlin", "30 * * * *", "2026-03-29", "2026-03-29T03:00Z", ["29T00:30", "29T01:30", "29T02:30"]],
  // 2026-10-25 03:00 → 02:00
  ["Europe/Berlin", "30 2 * * *", "2026-10-24", "2026-10-27", ["24T00:30", "25T00:30", "26T01:30"]],
  ["Europe/Berlin", "0 2-3 * * *", "2026-10-25", "2026-10-26", ["25T00:00", "25T02:00"]],
  ["Europe/Berlin", "30 * * * *", "2026-10-25", "2026-10-25T03:00Z", ["25T00:30", "25T01:30", "25T02:30"]],
  // 2026-10-04 02:00 → 02:30 and 2026-04-05 02:00 → 01:30
  ["Australia/Lord_Howe", "15 2 * * *", "2026-10-02T18:00Z", "2026-10-04T18:00Z", ["03T15:30", "04T15:15"]],
  ["Australia/Lord_Howe", "45 1 * * *", "2026-04-03T20:00Z", "2026-04-05T20:00Z", ["04T14:45", "05T15:15"]],
  // 2011-12-30 did not exist
  ["Pacific/Apia", "0 6 * * *", "2011-12-29T00:00Z", "2012-01-01", ["29T16:00", "30T16:00", "31T16:00"]],
  // 2018-11-04 00:00 → 01:00
  ["America/Sao_Paulo", "0 0 * * *", "2018-11-03", "2018-11-06", ["03T03:00", "04T03:00", "05T02:00"]],
  ["America/Sao_Paulo", "15 0 * * *", "2018-11-03", "2018-11-06", ["03T03:15", "04T03:00", "05T02:15"]],
  // during Ramadan an hour back, from 2026-02-15 03:00 to 2026-03-22 02:00
  ["Africa/Casablanca", "30 2 * * *", "2026-02-14", "2026-02-17", ["14T01:30", "15T01:30", "16T02:30"]],
  ["Africa/Casablanca", "30 2 * * *", "2026-03-21", "2026-03-24", ["21T02:30", "22T02:00", "23T01:30"]],
])("in %s `%s` fires from %s to %s as its clocks say", (zone, expression, from, to, expected) => {
  expect(fires(cron(expression, zone), from, to).map((text) => text.slice(8))).toEqual(expected);
});

test("an interval fires at whole steps from its anchor, before it, too", () => {
  const timing: ScheduleTiming = {
    kind: "interval",
    everyMs: 4 * 3_600_000,
    anchorMs: Date.parse("2026-01-01T01:00Z"),
  };
  expect(fires(timing, "2025-12-31T20:00Z", "2026-01-01T09:00Z").map((text) => text.slice(8))).toEqual([
    "31T21:00",
    "01T01:00",
    "01T05:00",
  ]);
  expect(nextFire(timing, timing.anchorMs)).toBe(timing.anchorMs + timing.everyMs);
  expect(previousFire(timing, timing.anchorMs)).toBe(timing.anchorMs - timing.everyMs);
  expect(() => listFires(timing, 0, 1, 0)).toThrowError("expected `max` to be a positive integer, got: `0`");
});

test("the fire before is found however long ago it was", () => {
  const at = (text: string): number => Date.parse(text);
  const previous = (expression: string, before: string): string =>
    new Date(previousFire(cron(expression, "Europe/Berlin"), at(before)) ?? Number.NaN).toISOString();
  expect(previous("0 0 29 2 *", "2032-02-28T00:00Z")).toBe("2028-02-28T23:00:00.000Z");
  expect(previous("* * * 1 *", "2026-12-01T00:00Z")).toBe("2026-01-31T22:59:00.000Z");
  expect(previous("* * * * *", "2026-12-01T00:00Z")).toBe("2026-11-30T23:59:00.000Z");
});

// Zones whose clocks do something unusual are drawn about as often as all others.
const unusual = [
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Apia",
  "America/Sao_Paulo",
  "Europe/Dublin",
  "America/Santiago",
  "Antarctica/Troll",
  "Asia/Gaza",
  "Africa/Cairo",
  "America/Havana",
];
const zones = fc.oneof(fc.constantFrom(...unusual), fc.constantFrom("UTC", ...Intl.supportedValuesOf("timeZone")));
const year = fc.integer({ min: 2011, max: 2040 });

// Values and steps as cron writes them, with the set of values they mean.
const field = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    { weight: 3, arbitrary: fc.integer({ min, max }).map(String) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 7 }).map((step) => `*/${step > max - min ? 2 : step}`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    },
    {
      weight: 1,
      arbitrary: fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 }).map((list) => list.join(",")),
    },
  );
const expressions = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), fc.constant("*"), field(0, 7))
  .map((fields) => fields.join(" "));
// Most of what can go wrong happens in the hours around a change.
const nightly = fc
  .tuple(field(0, 59), fc.oneof(field(0, 3), field(22, 23)))
  .map(([minute, hour]) => `${minute} ${hour} * * *`);

test("fires are those of a clock on the wall that is read every minute", () => {
  fc.assert(
    fc.property(zones, year, fc.oneof(nightly, expressions), fc.nat(3), (name, inYear, expression, pick) => {
      const zone = parseTimeZone(name);
      const aroundMs = pickChange(zone, inYear, pick);
      const fromMs = aroundMs - 2 * dayMs;
      const toMs = aroundMs + 2 * dayMs;
      expect(listFires(cron(expression, name), fromMs, toMs, 10_000)).toEqual(
        readClock(expression, name, fromMs, toMs),
      );
    }),
    { numRuns: 30 },
  );
}, 60_000);

test("fires increase strictly, from any instant the next is the same, and the fire before leads back", () => {
  fc.assert(
    fc.property(zones, year, expressions, fc.nat(3), fc.nat(2 * dayMs), (name, inYear, expression, pick, offsetMs) => {
      const timing = cron(expression, name);
      const fromMs = pickChange(parseTimeZone(name), inYear, pick) - dayMs;
      const list = listFires(timing, fromMs, fromMs + 40 * dayMs, 50);
      for (const [index, at] of list.entries()) {
        if (index === 0) continue;
        const before = list[index - 1] ?? Number.NaN;
        expect(at).toBeGreaterThan(before);
        expect(nextFire(timing, before + Math.floor((at - before) / 2))).toBe(at);
        if (index < 4) expect(previousFire(timing, at)).toBe(before);
      }
      const afterMs = fromMs + offsetMs;
      expect(nextFire(timing, afterMs) ?? Infinity).toBeGreaterThan(afterMs);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test("a daily schedule fires once on each date that a zone has", () => {
  const time = fc.tuple(fc.nat(59), fc.nat(23));
  fc.assert(
    fc.property(zones, year, time, (name, inYear, [minute, hour]) => {
      const format = new Intl.DateTimeFormat("sv-SE", { timeZone: name, dateStyle: "short" });
      const [fromMs, toMs] = [Date.UTC(inYear, 0, 2), Date.UTC(inYear, 11, 31)];
      const dates = listFires(cron(`${minute} ${hour} * * *`, name), fromMs, toMs, 400).map((ms) => format.format(ms));
      const expected = new Set<string>();
      const [first, last] = [dates[0] ?? "", dates.at(-1) ?? ""];
      for (let atMs = fromMs - dayMs; atMs < toMs + dayMs; atMs += dayMs / 4) expected.add(format.format(atMs));
      expect(dates).toEqual([...expected].filter((date) => date >= first && date <= last));
      expect(dates.length).toBeGreaterThan(360);
    }),
    { numRuns: 30 },
  );
}, 60_000);

function pickChange(zone: ReturnType<typeof parseTimeZone>, inYear: number, pick: number): number {
  let atMs = Date.UTC(inYear, 0, 1);
  for (let index = 0; index <= pick; index += 1) {
    const change = zone.nextTransition(atMs, Date.UTC(inYear + 1, 0, 1));
    if (change === undefined) break;
    atMs = change.atMs;
  }
  return atMs;
}

interface Wall {
  /** The local time as if the zone were UTC. */
  readonly localMs: number;
  readonly atMs: number;
}

// Reads the wall clock of every minute through Intl alone, and knows the rules for skipped and repeated times only as words.
function readClock(expression: string, zone: string, fromMs: number, toMs: number): number[] {
  const matches = createMatcher(expression);
  const isEveryHour = Array.from({ length: 24 }, (_, hour) => fieldHas(expression.split(" ")[1] ?? "", hour, 0)).every(
    Boolean,
  );
  const seen = new Set<number>();
  const found = new Set<number>();
  let before: Wall | undefined;
  for (const wall of walls(zone, fromMs - dayMs, toMs)) {
    const isRepeated = seen.has(wall.localMs);
    seen.add(wall.localMs);
    const skippedMs = before === undefined ? 0 : wall.localMs - before.localMs - minuteMs;
    if (!isEveryHour && skippedMs > 0 && skippedMs < dayMs) {
      for (let localMs = wall.localMs - skippedMs; localMs < wall.localMs; localMs += minuteMs) {
        if (matches(localMs)) found.add(wall.atMs);
      }
    }
    if (matches(wall.localMs) && (isEveryHour || !isRepeated)) found.add(wall.atMs);
    before = wall;
  }
  return [...found].filter((atMs) => atMs >= fromMs);
}

function* walls(zone: string, fromMs: number, toMs: number): Generator<Wall> {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) {
    yield { atMs, localMs: Date.parse(`${format.format(atMs).replace(" ", "T")}Z`) };
  }
}

function createMatcher(expression: string): (localMs: number) => boolean {
  const [minute = "", hour = "", day = "", , weekday = ""] = expression.split(" ");
  return (localMs) => {
    const date = new Date(localMs);
    const dayFits = fieldHas(day, date.getUTCDate(), 1);
    const weekdayFits =
      fieldHas(weekday, date.getUTCDay(), 0) ||
      (date.getUTCDay() === 0 && !weekday.startsWith("*") && fieldHas(weekday, 7, 0));
    const both = day.startsWith("*") || weekday.startsWith("*");
    return (
      fieldHas(minute, date.getUTCMinutes(), 0) &&
      fieldHas(hour, date.getUTCHours(), 0) &&
      (both ? dayFits && weekdayFits : dayFits || weekdayFits)
    );
  };
}

function fieldHas(text: string, value: number, min: number): boolean {
  return text.split(",").some((item) => {
    const [range = "", step = "1"] = item.split("/");
    if (range === "*") return (value - min) % Number(step) === 0;
    const [from = "", to = from] = range.split("-");
    return value >= Number(from) && value <= Number(to);
  });
}

// Each with the gap of a century without a leap day, and without one.
const rare = [
  "0 0 29 2 *",
  "0 0 29 2 */1",
  "59 23 29 FEB *",
  "0 0 * 2 SUN#5",
  "0 12 * 2 WED#5",
  "0 0 L 2 *",
  "0 0 1 1 *",
];

test.each(rare)("the fire before a fire of `%s` is the one that led to it, however rare they are", (expression) => {
  const timing = cron(expression, "UTC");
  let at = nextFire(timing, Date.UTC(1960, 0, 1)) ?? Number.NaN;
  for (let count = 0; count < 20; count += 1) {
    const next = nextFire(timing, at) ?? Number.NaN;
    expect(previousFire(timing, next)).toBe(at);
    at = next;
  }
  expect(at).toBeGreaterThan(Date.UTC(1979, 0, 1));
});

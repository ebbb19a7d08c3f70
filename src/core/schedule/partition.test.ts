import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { findDueRange, type DueRules } from "./due-range.ts";
import { listParts, type Partition, type Sections } from "./partition.ts";
import { parseTimeZone } from "./time-zone.ts";
import { parseWindow } from "./window.ts";

/** Parts as days, `from..to`, with `~` behind one that is not whole. */
function days(from: string, to: string, partition: Exclude<Partition, Sections>, zone = "UTC"): string[] {
  const parts = listParts(parseWindow(from, to), partition, parseTimeZone(zone));
  return Array.from(parts, (part) => `${short(part.from)}..${short(part.to)}${part.isWhole ? "" : "~"}`);
}

function short(instant: string): string {
  return instant.endsWith("T00:00:00.000Z") ? instant.slice(0, 10) : instant.replace(":00.000Z", "");
}

test("months from 2019-01-01 to 2020-02-21 are 13 whole ones and a part of February", () => {
  const parts = days("2019-01-01", "2020-02-21", "monthly");
  expect(parts).toHaveLength(14);
  expect(parts.slice(-2)).toEqual(["2020-01-01..2020-02-01", "2020-02-01..2020-02-21~"]);
  expect(parts.filter((part) => part.endsWith("~"))).toHaveLength(1);
});

test("on the next day only the tail moves", () => {
  const [before, after] = ["2020-02-21", "2020-02-22"].map((to) => days("2019-01-01", to, "monthly"));
  expect(after?.slice(0, -1)).toEqual(before?.slice(0, -1));
  expect(after?.at(-1)).toBe("2020-02-01..2020-02-22~");
});

test("weeks from a Monday end with the part of the present one", () => {
  expect(days("2020-01-06", "2020-02-21", "weekly").at(-1)).toBe("2020-02-17..2020-02-21~");
});

test("months from the fifth, and from the last day, keep their anchor", () => {
  expect(days("2020-01-05", "2020-03-05", "monthly")).toEqual(["2020-01-05..2020-02-05", "2020-02-05..2020-03-05"]);
  expect(days("2020-01-31", "2020-04-30", { every: "P1M" })).toEqual([
    "2020-01-31..2020-02-29",
    "2020-02-29..2020-03-31",
    "2020-03-31..2020-04-30",
  ]);
});

test("periods of days, years and hours follow one another without a gap", () => {
  expect(days("2026-01-01", "2026-02-05", { every: "P15D" })).toEqual([
    "2026-01-01..2026-01-16",
    "2026-01-16..2026-01-31",
    "2026-01-31..2026-02-05~",
  ]);
  expect(days("2024-02-29", "2026-02-28", "yearly")).toEqual(["2024-02-29..2025-02-28", "2025-02-28..2026-02-28"]);
  expect(days("2026-01-01", "2026-01-02", { every: "PT12H" })).toHaveLength(2);
  expect(days("2026-01-01", "2026-01-02", "hourly")).toHaveLength(24);
  expect(days("2026-01-01", "2026-01-02", "none")).toEqual(["2026-01-01..2026-01-02"]);
});

test("days of a zone begin when its clocks show the hour of the first, also when they are put forward", () => {
  expect(days("2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z", "daily", "Europe/Berlin")).toEqual([
    "2026-03-27T23:00..2026-03-28T23:00",
    "2026-03-28T23:00..2026-03-29T22:00",
  ]);
});

test("a period that is none is refused", () => {
  for (const every of ["P0D", "15 days", "P1.5D", "PT1M", ""]) {
    expectThrown(() => days("2026-01-01", "2026-01-02", { every }), "VALUE_INVALID");
  }
});

/** What is read of one range on one day after another, from 2020-01-01 to that day. */
function runs(rules: DueRules, ...dates: string[]): (string | undefined)[] {
  let read: string | undefined;
  return dates.map((date) => {
    const part = parseWindow("2020-01-01", date);
    const due = findDueRange(part, { own: read, newest: read }, rules);
    if (due === undefined) return undefined;
    read = due.to;
    return `${short(due.from)}..${short(due.to)}`;
  });
}

const dayMs = 86_400_000;

test("a grace of three days reads them again", () => {
  expect(runs({ graceMs: 3 * dayMs }, "2020-01-15", "2020-01-16")).toEqual([
    "2020-01-01..2020-01-15",
    "2020-01-12..2020-01-16",
  ]);
});

test("an abstention of a day leaves out the next one", () => {
  expect(runs({ abstainMs: dayMs }, "2020-01-15", "2020-01-16", "2020-01-17")).toEqual([
    "2020-01-01..2020-01-15",
    undefined,
    "2020-01-15..2020-01-17",
  ]);
});

test("a grace never reaches to the left of a part", () => {
  const part = parseWindow("2020-06-18", "2020-06-19");
  const own = part.to;
  const due = findDueRange(part, { own, newest: own }, { graceMs: 2 * dayMs });
  expect(due).toEqual(part);
});

test("a part that is done is read again only within the grace, one that failed whatever the others did", () => {
  const part = parseWindow("2020-01-01", "2020-01-02");
  const rules = { graceMs: 2 * dayMs };
  expect(findDueRange(part, { own: part.to, newest: "2020-01-03T00:00:00.000Z" }, rules)).toEqual(part);
  expect(findDueRange(part, { own: part.to, newest: "2020-01-04T00:00:00.000Z" }, rules)).toBeUndefined();
  expect(findDueRange(part, { own: undefined, newest: "2020-02-01T00:00:00.000Z" }, rules)).toEqual(part);
  const half = { own: "2020-01-01T12:00:00.000Z", newest: "2020-02-01T00:00:00.000Z" };
  expect(findDueRange(part, half, {})).toEqual({ from: "2020-01-01T12:00:00.000Z", to: part.to });
});

test("a long abstention reads each daily file once", () => {
  const part = parseWindow("2020-01-01", "2020-01-02");
  const rules = { abstainMs: 7 * dayMs };
  expect(findDueRange(part, { own: part.to, newest: "2020-01-08T00:00:00.000Z" }, rules)).toBeUndefined();
});

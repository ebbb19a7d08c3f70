// Numbers and times as people read them.
import { expect, test } from "vitest";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatInstant,
  formatMs,
  formatRate,
  formatShortCount,
} from "./format-quantity.ts";

test("a duration has two units at most, and no more precision than it is worth", () => {
  const texts = [0, 842, 1_000, 12_400, 59_449, 59_500, 185_000, 3_599_600, 7_620_000, 86_400_000 * 4 + 3 * 3_600_000];
  expect(texts.map(formatMs)).toEqual([
    "0 ms",
    "842 ms",
    "1.0 s",
    "12 s",
    "59 s",
    "1 m 00 s",
    "3 m 05 s",
    "1 h 00 m",
    "2 h 07 m",
    "4 d 3 h",
  ]);
});

test("a negative duration, such as of clocks that differ, is none", () => {
  expect(formatMs(-5)).toBe("0 ms");
});

test("an age is rounded down and says on which side of now it is", () => {
  expect([400, 59_000, -61_000, 47 * 3_600_000, -49 * 3_600_000].map(formatAge)).toEqual([
    "now",
    "59 s ago",
    "in 1 m",
    "47 h ago",
    "in 2 d",
  ]);
});

test("counts, rates and sizes keep their unit", () => {
  expect([formatCount(1_204_332), formatShortCount(9_999), formatShortCount(1_204_332)]).toEqual([
    "1,204,332",
    "9,999",
    "1.2M",
  ]);
  expect([formatRate(1_240.4), formatRate(0.84)]).toEqual(["1,240/s", "0.8/s"]);
  expect([0, 999, 1_400_000_000].map(formatBytes)).toEqual(["0 B", "999 B", "1.4 GB"]);
});

test("the year is said only when it is another one, and nonsense is nothing", () => {
  const nowMs = Date.parse("2026-11-21T12:00:00Z");
  expect(formatInstant("2026-03-01T12:00:00Z", nowMs)).toMatch(/^1 Mar, \d\d:\d\d:\d\d$/);
  expect(formatInstant("2025-03-01T12:00:00Z", nowMs, "minute")).toMatch(/^1 Mar 2025, \d\d:\d\d$/);
  expect(formatInstant("yesterday", nowMs)).toBe("");
});

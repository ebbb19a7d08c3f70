import fc from "fast-check";
import { expect, test } from "vitest";
import { compareWatermarks } from "./watermark.ts";

// An instant with one of the many texts that sources write for it.
const instants = fc
  .record({
    ms: fc.oneof(
      fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 0, 1) + 3_000 }),
      fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9998, 0, 1) }),
    ),
    offsetMinutes: fc.constantFrom(0, 60, -330, 845, -720),
    zone: fc.constantFrom("Z", "z", "", "+00", "+00:00", "-0000"),
    zeros: fc.constantFrom("", "0", "000"),
    separator: fc.constantFrom("T", "t", " "),
    isShort: fc.boolean(),
  })
  .map(({ ms, offsetMinutes, zone, zeros, separator, isShort }) => {
    const local = new Date(ms + offsetMinutes * 60_000).toISOString();
    const digits = isShort ? local.slice(20, 23).replace(/0+$/, "") : local.slice(20, 23);
    const fraction = digits === "" ? "" : `.${digits}${zeros}`;
    const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
    const pad = (part: number): string => String(part).padStart(2, "0");
    const offset = `${offsetMinutes < 0 ? "-" : "+"}${pad(hours)}:${pad(minutes)}`;
    return {
      ms,
      text: `${local.slice(0, 10)}${separator}${local.slice(11, 19)}${fraction}${offsetMinutes === 0 ? zone : offset}`,
    };
  });

test("texts of instants are in the order of time, however they are written", () => {
  fc.assert(
    fc.property(instants, instants, (a, b) => {
      expect(compareWatermarks(a.text, b.text)).toBe(Math.sign(a.ms - b.ms));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z", -1],
  ["2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.1234567Z", -1],
  ["2026-01-01T00:00:00.10Z", "2026-01-01T00:00:00.1Z", 0],
  ["2026-01-01", "2026-01-01T00:00Z", 0],
  ["2026-01-01T24:00:00Z", "2026-01-02", 0],
  ["2026-01-01T01:00:00+02:00", "2025-12-31T23:30:00Z", -1],
  // What no calendar or clock has is a text like any other.
  ["2026-02-30T00:00:00Z", "2026-02-30T00:00:00.5Z", 1],
  ["2026-01-01T25:00:00Z", "2026-01-02", -1],
  ["b", "a", 1],
  ["10", "9", -1],
  [10, 9, 1],
])("of `%s` and `%s` the order is %i", (a, b, order) => {
  expect(compareWatermarks(a, b)).toBe(order);
  expect(compareWatermarks(b, a)).toBe(order === 0 ? 0 : -order);
});

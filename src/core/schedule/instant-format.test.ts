import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { floorTo, lastStep } from "./granularity.ts";
import { assertInstantFormat, formatInstant, formatIso, readInstant } from "./instant-format.ts";

const instant = 1_572_609_600_123_456n; // 2019-11-01T12:00:00.123456Z

test.each<[string, string, string | number]>([
  ["iso", "UTC", "2019-11-01T12:00:00.123456Z"],
  ["date", "UTC", "2019-11-01"],
  ["date", "Pacific/Auckland", "2019-11-02"],
  ["seconds", "UTC", 1_572_609_600],
  ["milliseconds", "UTC", 1_572_609_600_123],
  ["microseconds", "UTC", 1_572_609_600_123_456],
  ["yyyy-MM-dd HH:mm:ss", "America/Los_Angeles", "2019-11-01 05:00:00"],
  ["yyyyMMdd", "UTC", "20191101"],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "Asia/Kolkata", "2019-11-01T17:30:00.123+05:30"],
  ["dd.MM.yyyy 'at' HH", "UTC", "01.11.2019 at 12"],
])("an instant is written as %s in %s", (format, zone, text) => {
  expect(formatInstant(instant, format, zone)).toBe(text);
});

test.each<[string | number, string, string, string | undefined]>([
  ["2019-11-01", "yyyy-MM-dd", "America/Los_Angeles", "2019-11-01T07:00:00.000Z"],
  ["2019-11-01", "yyyy-MM-dd", "UTC", "2019-11-01T00:00:00.000Z"],
  ["2019-11-01 12:00:00", "yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2019-11-01T11:00:00.000Z"],
  ["2026-10-25 02:30:00", "yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-11-01 01:30:00", "yyyy-MM-dd HH:mm:ss", "America/New_York", "2026-11-01T05:30:00.000Z"],
  ["2026-04-05 01:45:00", "yyyy-MM-dd HH:mm:ss", "Australia/Lord_Howe", "2026-04-04T14:45:00.000Z"],
  ["2026-03-29 02:30:00", "yyyy-MM-dd HH:mm:ss", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
  ["2019-11-01T12:00:00.5+02:00", "iso", "UTC", "2019-11-01T10:00:00.500Z"],
  ["2019-11-01T12:00:00.123456789Z", "iso", "UTC", "2019-11-01T12:00:00.123456Z"],
  ["2019-11-01T12:00:00", "iso", "America/Los_Angeles", "2019-11-01T19:00:00.000Z"],
  ["2019-11-01T05:00:00-07:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "UTC", "2019-11-01T12:00:00.000Z"],
  [1_572_609_600, "seconds", "UTC", "2019-11-01T12:00:00.000Z"],
  ["1572609600.25", "seconds", "UTC", "2019-11-01T12:00:00.250Z"],
  ["1572609600123", "milliseconds", "UTC", "2019-11-01T12:00:00.123Z"],
  ["2019-11-31", "date", "UTC", undefined],
  ["2019-11-01T12:00:00Z", "date", "UTC", undefined],
  ["2019-11-01", "iso", "UTC", undefined],
  ["soon", "seconds", "UTC", undefined],
  ["1e5", "seconds", "UTC", undefined],
  [5, "iso", "UTC", undefined],
])("%s read as %s in %s is %s", (value, format, zone, expected) => {
  const found = readInstant(value, format, zone);
  expect(found === undefined ? undefined : formatIso(found)).toBe(expected);
});

test("before 1970 nothing is cut towards zero", () => {
  expect(formatInstant(-1n, "seconds", "UTC")).toBe(-1);
  expect(formatIso(-1n)).toBe("1969-12-31T23:59:59.999999Z");
});

test("a pattern with a letter that stands for nothing, or without a day, is refused", () => {
  for (const format of ["YYYY-MM-dd", "yyyy-MM-dd hh:mm", "HH:mm", "yyyy-MM", "isoo", "yyyy-MM-dd'T"]) {
    expectThrown(() => assertInstantFormat(format), "VALUE_INVALID");
  }
  for (const format of ["iso", "microseconds", "yyyy-MM-dd", "yyyy''MM''dd"]) assertInstantFormat(format);
});

test("a step begins when clocks of the zone show it, and the last one before an end is its inclusive end", () => {
  const floor = (...args: Parameters<typeof floorTo>): string => formatIso(floorTo(...args));
  expect(floor(instant, "day", "Asia/Kolkata")).toBe("2019-10-31T18:30:00.000Z");
  expect(floor(instant, "hour", "Asia/Kolkata")).toBe("2019-11-01T11:30:00.000Z");
  expect(floor(instant, "second", "Asia/Kolkata")).toBe("2019-11-01T12:00:00.000Z");
  expect(floor(-1n, "day", "UTC")).toBe("1969-12-31T00:00:00.000Z");
  const midnight = 1_572_566_400_000_000n;
  expect(formatIso(lastStep(midnight, "day", "UTC"))).toBe("2019-10-31T00:00:00.000Z");
  expect(formatIso(lastStep(midnight, "second", "UTC"))).toBe("2019-10-31T23:59:59.000Z");
  expect(formatIso(lastStep(midnight, "microsecond", "UTC"))).toBe("2019-10-31T23:59:59.999999Z");
});

test.each([
  ["Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-25T00:00:00.000Z"],
  ["Europe/Berlin", "2026-10-25T01:30:00.000Z", "2026-10-25T01:00:00.000Z"],
  ["America/New_York", "2026-11-01T06:30:00.000Z", "2026-11-01T06:00:00.000Z"],
  // clocks go back from 02:00 to 01:30, within an hour
  ["Australia/Lord_Howe", "2026-04-04T15:15:00.000Z", "2026-04-04T14:00:00.000Z"],
])("in %s an hour that clocks show twice is two, and none begins after what is in it: %s", (zone, at, expected) => {
  expect(formatIso(floorTo(BigInt(Date.parse(at)) * 1_000n, "hour", zone))).toBe(expected);
});

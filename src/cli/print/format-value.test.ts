import { expect, test } from "vitest";
import { formatBytes, formatCount, formatCountOf, formatElapsed } from "./format-value.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [999_950, "1.0 MB"],
  [12_345_678_901, "12.3 GB"],
  [5e16, "50000.0 TB"],
])("%d bytes are `%s`", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_240, "1.2 s"],
  [184_000, "3 m 04 s"],
  [7_500_000, "2 h 05 m"],
])("%d ms are `%s`", (durationMs, text) => {
  expect(formatElapsed(durationMs)).toBe(text);
});

test("counts have separators", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
  expect([0, 1, 2_000].map((count) => formatCountOf(count, "job"))).toEqual(["0 jobs", "1 job", "2,000 jobs"]);
});

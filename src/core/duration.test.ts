import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["3d", 259_200_000],
  ["2w", 1_209_600_000],
  [" 5 m ", 300_000],
])("`%s` is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "m", "5 parsecs", "-3s", "1h-5m", "1e9999s"])("`%s` is refused by name and value", (text) => {
  expect(() => parseDuration(text, "timeout")).toThrowError(`expected \`timeout\` to be a duration, got: \`${text}\``);
});

test("every whole number of milliseconds survives a round trip", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

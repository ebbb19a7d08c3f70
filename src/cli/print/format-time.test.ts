import { expect, test } from "vitest";
import { formatAgo, formatInstant, formatLogTime, formatWhen, toIso } from "./format-time.ts";

const now = new Date(2026, 10, 21, 14, 3, 9, 45).getTime();
const secondMs = 1_000;

test("an instant of today has seconds, one of this year its day, an older one its year", () => {
  expect(formatInstant(now, now)).toBe("14:03:09");
  expect(formatInstant(new Date(2026, 10, 20, 9, 5).getTime(), now)).toBe("Nov 20 09:05");
  expect(formatInstant(new Date(2025, 0, 2, 9, 5).getTime(), now)).toBe("2025-01-02 09:05");
});

test.each([
  [0, "just now"],
  [1.9, "just now"],
  [12, "12 s ago"],
  [59.9, "59 s ago"],
  [125, "2 min ago"],
  [3_599, "59 min ago"],
  [3_600, "1 h ago"],
  [5 * 86_400 + 1, "5 d ago"],
  [-120, "in 2 min"],
])("%d seconds back is `%s`", (seconds, text) => {
  expect(formatAgo(now - seconds * secondMs, now)).toBe(text);
});

test("lists show both, logs show milliseconds, JSON shows ISO text", () => {
  expect(formatWhen(now - 61 * secondMs, now)).toBe("14:02:08 (1 min ago)");
  expect(formatLogTime(now, now)).toBe("14:03:09.045");
  expect(formatLogTime(now - 86_400 * secondMs, now)).toBe("2026-11-20 14:03:09.045");
  expect(toIso(Date.UTC(2026, 0, 1))).toBe("2026-01-01T00:00:00.000Z");
  expect(toIso(undefined)).toBeNull();
});

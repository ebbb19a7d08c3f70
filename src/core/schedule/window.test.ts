import fc from "fast-check";
import { expect, test } from "vitest";
import { isInWindow, parseWindow, splitWindow } from "./window.ts";

test("a date means its midnight in UTC", () => {
  expect(parseWindow("2026-01-01", "2026-01-02")).toEqual({
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-01-02T00:00:00.000Z",
  });
});

test("offsets are normalised to UTC", () => {
  expect(parseWindow("2026-01-01T02:00:00+02:00", "2026-01-01T01:00Z").from).toBe("2026-01-01T00:00:00.000Z");
});

test.each(["2026-02-31", "2025-02-29", "2026-13-01", "yesterday", "2026-01-01T06:00:00", "20260101"])(
  "`%s` is refused",
  (text) => {
    expect(() => parseWindow(text, "2030-01-01")).toThrowError(`got: \`${text}\``);
  },
);

test("an empty or reversed window is refused with both ends", () => {
  expect(() => parseWindow("2026-01-02", "2026-01-02")).toThrowError(
    /`from` to be before `to`, got: `2026-01-02` and `2026-01-02`/,
  );
});

test("the end of a window is not in it", () => {
  const window = parseWindow("2026-01-01", "2026-01-02");
  expect([
    isInWindow(window, "2026-01-01"),
    isInWindow(window, "2026-01-01T23:59:59.999Z"),
    isInWindow(window, "2026-01-02"),
  ]).toEqual([true, true, false]);
});

test("parts of a split window touch, cover it and are never longer than the step", () => {
  const start = Date.UTC(2020, 0, 1);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 1, max: 10 ** 8 }), (lengthMs, stepMs) => {
      fc.pre(lengthMs / stepMs < 2_000);
      const window = { from: new Date(start).toISOString(), to: new Date(start + lengthMs).toISOString() };
      const parts = [...splitWindow(window, stepMs)];
      expect(parts[0]?.from).toBe(window.from);
      expect(parts.at(-1)?.to).toBe(window.to);
      for (const [index, part] of parts.entries()) {
        if (index > 0) expect(part.from).toBe(parts[index - 1]?.to);
        expect(Date.parse(part.to) - Date.parse(part.from)).toBeLessThanOrEqual(stepMs);
      }
    }),
  );
});

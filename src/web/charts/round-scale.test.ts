import fc from "fast-check";
import { expect, it } from "vitest";
import { createRoundScale } from "./round-scale.ts";

it("ends at a round value above all that are known", () => {
  expect(createRoundScale([3, null, 7], "deployments")).toEqual({ max: 8, ticks: [0, 2, 4, 6, 8] });
  expect(createRoundScale([0.07], "share").max).toBeCloseTo(0.08);
});

it("has marks of hours and days where the values are seconds", () => {
  expect(createRoundScale([90_000], "seconds").ticks).toEqual([0, 43_200, 86_400, 129_600]);
  expect(createRoundScale([200 * 86_400], "seconds").ticks.at(1)).toBe(60 * 86_400);
});

it("has an end without any value, and with zeros alone", () => {
  expect(createRoundScale([null, null], "share")).toEqual({ max: 1, ticks: [0, 1] });
  expect(createRoundScale([0], "seconds")).toEqual({ max: 60, ticks: [0, 60] });
});

it("has at most five marks whatever the values are, and none of them is below what it marks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })),
      fc.constantFrom("seconds", "share"),
      (values, unit) => {
        const { max, ticks } = createRoundScale(values, unit);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(max * (1 + 1e-9)).toBeGreaterThanOrEqual(Math.max(0, ...values));
      },
    ),
  );
});

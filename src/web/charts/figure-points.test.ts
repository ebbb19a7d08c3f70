import { expect, test } from "vitest";
import type { MetricValue } from "../../api/figure.ts";
import { placePoints, placeValue, scaleOf } from "./figure-points.ts";

function valueOf(runId: string, value: number, region = ""): MetricValue {
  const labels = region === "" ? {} : { region };
  return { run_id: runId, name: "m", labels, value, unit: null, breach: null, attempt: 1, at: "2026-01-01T00:00:00Z" };
}

test("the scale holds all values and thresholds, in round steps, and begins at zero for what is never negative", () => {
  const scale = scaleOf([valueOf("r1", 3), valueOf("r2", 48)], { min: 1, max: 100 });
  expect(scale).toEqual({ low: 0, high: 150, ticks: [0, 50, 100, 150] });
  const below = scaleOf([valueOf("r1", -5), valueOf("r2", 5)], { min: null, max: null });
  expect([below.low, below.high]).toEqual([-10, 10]);
  for (const value of [-5, 5]) expect(placeValue(value, below)).toBeGreaterThan(0);
});

test("a figure that never changes has a scale around it, and none has one, too", () => {
  const flat = scaleOf([valueOf("r1", 0.3), valueOf("r2", 0.3)], { min: null, max: null });
  expect(flat.low).toBeLessThan(0.3);
  expect(flat.high).toBeGreaterThan(0.3);
  expect(scaleOf([], { min: null, max: null })).toEqual({ low: 0, high: 1, ticks: [0, 1] });
});

test("runs stand one after the other, the oldest first, and values of one run above each other", () => {
  const newestFirst = [valueOf("r3", 4), valueOf("r2", 2, "eu"), valueOf("r2", 3, "us"), valueOf("r1", 0)];
  const points = placePoints(newestFirst, { low: 0, high: 4, ticks: [] });
  expect(points.map(({ value, x, y }) => [value.run_id, x, y])).toEqual([
    ["r1", 0, 0],
    ["r2", 0.5, 0.75],
    ["r2", 0.5, 0.5],
    ["r3", 1, 1],
  ]);
  expect(placePoints([valueOf("r1", 2)], { low: 0, high: 4, ticks: [] })[0]).toMatchObject({ x: 0.5, y: 0.5 });
});

import { expect, test } from "vitest";
import { defineJob } from "../job/job.ts";
import { toMetric } from "./metric.ts";
import { createMetricRules, describeBreach, findBreaches, toBreachError } from "./metric-rules.ts";

const rules = createMetricRules("load", {
  orders: { min: 1, max: 100, unit: "rows", onBreach: "fail" },
  share: { max: 0.05 },
  revenue: { unit: "EUR" },
});

test("bounds are part of what is right, and a figure without bounds is never outside", () => {
  const at = (value: number): number =>
    findBreaches(rules, [toMetric("orders", value), toMetric("share", 0), toMetric("revenue", -1e9)]).length;
  expect([0, 1, 100, 101].map(at)).toEqual([1, 0, 0, 1]);
});

test("each value of a name is looked at by itself", () => {
  const metrics = [
    toMetric("orders", 5, { labels: { region: "eu" } }),
    toMetric("orders", 0, { labels: { region: "us" } }),
    toMetric("share", 0.01),
  ];
  const [breach, ...others] = findBreaches(rules, metrics);
  expect(others).toEqual([]);
  expect(breach && describeBreach(breach)).toBe('metric `orders{region="us"}` is 0, expected 1 to 100');
});

test("a figure with bounds that nobody recorded is outside", () => {
  expect(findBreaches(rules, []).map(describeBreach)).toEqual([
    "metric `orders` was not recorded, expected 1 to 100",
    "metric `share` was not recorded, expected at most 0.05",
  ]);
});

test("only rules that say so fail the run", () => {
  const breaches = findBreaches(rules, [toMetric("orders", 7), toMetric("share", 0.5)]);
  expect(breaches).toHaveLength(1);
  expect(toBreachError("load", breaches)).toBeUndefined();
  const failing = findBreaches(rules, [toMetric("orders", 0, { unit: "rows" }), toMetric("share", 0.5)]);
  expect(toBreachError("load", failing)).toMatchObject({
    code: "METRIC_BREACHED",
    message: "job `load`: metric `orders` is 0 rows, expected 1 to 100",
  });
});

test.each<[Record<string, unknown>, string]>([
  [
    { orders: { min: 5, max: 4 } },
    "expected `min` of `metrics.orders` of job `load` to be at most `max` (4), got: `5`",
  ],
  [{ Orders: { min: 5 } }, "expected `metrics` of job `load` to be rules by names of lower case letters"],
  [{ orders: { min: "5" } }, "expected `min` of `metrics.orders` of job `load` to be a finite number, got: `5`"],
  [{ orders: { onBreach: "stop" } }, "to be one of `warn`, `fail`, got: `stop`"],
  [{ orders: { least: 1 } }, "unknown option `least` of `metrics.orders` of job `load`"],
])("the wrong rules %j are refused", (metrics, message) => {
  expect(() => defineJob({ name: "load", metrics, execute: () => undefined } as never)).toThrow(message);
});

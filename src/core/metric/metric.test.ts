import { expect, test } from "vitest";
import { MillraceError } from "../errors/errors.ts";
import { formatMetricName, metricKey, toMetric } from "./metric.ts";

test("a figure keeps its unit, and its labels in the order of their names", () => {
  const metric = toMetric("orders_loaded", 12.5, { unit: "rows", labels: { shop: "b", region: "eu" } });
  expect(metric).toEqual({ name: "orders_loaded", value: 12.5, unit: "rows", labels: { region: "eu", shop: "b" } });
  expect(metricKey(metric)).toBe(metricKey(toMetric("orders_loaded", 0, { labels: { region: "eu", shop: "b" } })));
  expect(formatMetricName(metric)).toBe('orders_loaded{region="eu", shop="b"}');
  expect(formatMetricName(toMetric("plain", -0.5))).toBe("plain");
});

test.each<[string, unknown[], string]>([
  ["a name with capitals", ["Orders", 1], "the name of a metric"],
  ["no number", ["orders", "12"], "metric `orders` to be a finite number, got: `12`"],
  ["infinity", ["orders", Number.POSITIVE_INFINITY], "a finite number"],
  ["what is no number", ["orders", Number.NaN], "got: `NaN`"],
  ["a bigint", ["orders", 12n], "a finite number"],
  ["a long unit", ["orders", 1, { unit: "x".repeat(21) }], "`unit` of metric `orders`"],
  ["an empty unit", ["orders", 1, { unit: "" }], "`unit` of metric `orders`"],
  [
    "too many labels",
    ["orders", 1, { labels: { a: "1", b: "1", c: "1", d: "1", e: "1", f: "1" } }],
    "at most 5 labels",
  ],
  ["labels that are a list", ["orders", 1, { labels: ["eu"] }], "an object of texts"],
  ["a label that is a number", ["orders", 1, { labels: { region: 7 } }], "label `region` of metric `orders`"],
  ["the name of a label", ["orders", 1, { labels: { "re-gion": "eu" } }], "labels of metric `orders`"],
])("%s is refused by name", (_case, given, message) => {
  const record = (): unknown => toMetric(...(given as Parameters<typeof toMetric>));
  expect(record).toThrow(MillraceError);
  expect(record).toThrow(message);
});

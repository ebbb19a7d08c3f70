import { expect, test } from "vitest";
import { MillraceError } from "../errors/errors.ts";
import { type JobMetric, maxMetrics } from "./metric.ts";
import { MetricBook } from "./metric-book.ts";

class Bench {
  nowMs = 0;
  readonly saved: (readonly JobMetric[])[] = [];
  failure: MillraceError | undefined;
  readonly book = new MetricBook({
    rules: { orders: { min: undefined, max: undefined, unit: "rows", onBreach: "warn" } },
    now: () => this.nowMs,
    save: async (metrics) => {
      if (this.failure !== undefined) throw this.failure;
      this.saved.push(metrics);
    },
  });

  values(): number[][] {
    return this.saved.map((batch) => batch.map(({ value }) => value));
  }
}

test("a loop writes its last value, once", async () => {
  const bench = new Bench();
  for (let value = 0; value < 10_000; value += 1) bench.book.record("orders", value);
  await bench.book.flush();
  expect(bench.saved).toEqual([[{ name: "orders", value: 9_999, unit: "rows", labels: {} }]]);
  await bench.book.flush();
  expect(bench.saved).toHaveLength(1);
});

test("what lasts is written at most once in a second", async () => {
  const bench = new Bench();
  for (let value = 0; value < 50; value += 1) {
    bench.book.record("orders", value);
    await Promise.resolve();
    bench.nowMs += 100;
  }
  await bench.book.flush();
  expect(bench.values()).toEqual([[10], [20], [30], [40], [49]]);
});

test("what could not be written behind is written at the end, which tells when it cannot", async () => {
  const bench = new Bench();
  bench.failure = new MillraceError("STORE_UNAVAILABLE", "the store is away");
  bench.book.record("orders", 1);
  bench.nowMs = 5_000;
  bench.book.record("share", 2);
  await expect(bench.book.flush()).rejects.toThrow("the store is away");
  bench.failure = undefined;
  bench.book.record("orders", 3);
  await bench.book.flush();
  expect(bench.values()).toEqual([[3, 2]]);
});

test("one more than may be kept is refused, and a value of a known one is not", () => {
  const { book } = new Bench();
  for (let index = 0; index < maxMetrics; index += 1) book.record("orders", index, { labels: { order: `o${index}` } });
  expect(() => book.record("orders", 1, { labels: { order: "another" } })).toThrow(
    "expected a run to record at most 100 metrics",
  );
  book.record("orders", 2, { labels: { order: "o7" } });
});

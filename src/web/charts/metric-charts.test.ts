// Charts made from the server's series.
import { describe, expect, it } from "vitest";
import { type Metrics } from "../../api/job.ts";
import { formatValue } from "./format-value.ts";
import { createLogScale } from "./log-scale.ts";
import { isEmpty, summarize, toMetricCharts } from "./metric-charts.ts";

const metrics: Metrics = {
  since: "2026-03-01T00:00:00.000Z",
  until: "2026-03-01T00:03:00.000Z",
  bucket_ms: 60_000,
  times: ["2026-03-01T00:00:00.000Z", "2026-03-01T00:01:00.000Z", "2026-03-01T00:02:00.000Z"],
  finished: [3, 0, 0],
  failed: [1, 0, 2],
  records: [120, 0, 0],
  duration_p50_ms: [900, null, 2_000],
  duration_p95_ms: [1_000, null, 4_000],
  queue_p95_ms: [5, null, 7],
  cpu_ms: [30_000, 0, 120_000],
  peak_memory_bytes: [1e8, null, 2e8],
  network_bytes: [6_000_000, 0, 0],
  store_ms: [10, 0, 20],
  sampled_one_in: 1,
  scatter: [],
};

const valuesOf = (id: string) => toMetricCharts(metrics).find((chart) => chart.id === id)?.series[0]?.values;

describe("metric charts", () => {
  it("makes rates of what is counted", () => {
    expect(valuesOf("throughput")).toEqual([120, 0, 0]);
    expect(valuesOf("cpu")).toEqual([0.5, 0, 2]);
    expect(valuesOf("network")).toEqual([100_000, 0, 0]);
  });

  it("has no success rate where nothing ended, rather than none at all", () => {
    expect(valuesOf("success")).toEqual([75, null, 0]);
  });

  it("gives every chart as many values as there are times", () => {
    for (const chart of toMetricCharts(metrics)) for (const { values } of chart.series) expect(values).toHaveLength(3);
  });

  it("sums a series up over its gaps, and knows an empty range", () => {
    expect(summarize({ label: "", tone: "first", values: [900, null, 2_000, null] })).toEqual({
      last: 2_000,
      min: 900,
      max: 2_000,
    });
    expect(summarize({ label: "", tone: "first", values: [null] })).toBeNull();
    expect(isEmpty(metrics)).toBe(false);
    expect(isEmpty({ ...metrics, finished: [0, 0, 0], failed: [0, 0, 0] })).toBe(true);
  });
});

describe("values", () => {
  it("are short and have their unit", () => {
    expect([12, 1_500, 90_000].map((ms) => formatValue(ms, "duration"))).toEqual(["12 ms", "1.5 s", "1 m 30 s"]);
    expect([formatValue(12_345_678, "bytes"), formatValue(2_000, "bytes_per_s")]).toEqual(["12.3 MB", "2.0 kB/s"]);
    expect([formatValue(1_234, "per_min"), formatValue(66.666, "percent"), formatValue(0.5, "cores")]).toEqual([
      "1,234/min",
      "66.7 %",
      "0.5",
    ]);
    expect([formatValue(null, "count"), formatValue(Number.NaN, "count")]).toEqual(["–", "–"]);
  });
});

describe("log scale", () => {
  it("rounds out to marks and keeps all values between its ends", () => {
    const scale = createLogScale([40, 9_000]);
    expect(scale.ticks).toEqual([30, 100, 300, 1_000, 3_000, 10_000]);
    expect([30, 10_000, 0, 1e9].map((value) => scale.position(value))).toEqual([0, 1, 0, 1]);
    expect(scale.position(1_000)).toBeGreaterThan(scale.position(300));
  });

  it("has a span for one value, for none, and for very large ones", () => {
    for (const values of [[5_000], [1_000], [], [0], [1e12]]) {
      const scale = createLogScale(values);
      expect(scale.ticks.length).toBeGreaterThan(1);
      expect(scale.position(values[0] ?? 0)).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(scale.position(values[0] ?? 0))).toBe(true);
    }
  });

  it("marks at most eight values", () => {
    expect(createLogScale([1, 2_000_000_000]).ticks.length).toBeLessThanOrEqual(8);
  });
});

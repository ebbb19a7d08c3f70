// The series of the server's metrics as charts: what is counted becomes a rate, so that ranges with other buckets compare.
// Values are null where nothing was measured; a gap is never drawn as zero.
import { type Metrics } from "../../api/job.ts";

export type ChartUnit = "duration" | "bytes" | "bytes_per_s" | "count" | "per_min" | "percent" | "cores";

export interface ChartSeries {
  readonly label: string;
  /** Which of the chart's colours; `bad` is the colour of errors. */
  readonly tone: "first" | "second" | "bad";
  readonly values: readonly (number | null)[];
}

export interface MetricChart {
  readonly id: string;
  readonly title: string;
  /** What it answers, for people who see it the first time. */
  readonly about: string;
  readonly unit: ChartUnit;
  readonly kind: "line" | "bars";
  readonly series: readonly ChartSeries[];
}

/** All charts, in the order in which somebody looks for trouble. */
export function toMetricCharts(metrics: Metrics): readonly MetricChart[] {
  return [...outcomeCharts(metrics), ...timeCharts(metrics), ...resourceCharts(metrics)];
}

/** Tells whether anything ran in the range. */
export function isEmpty(metrics: Metrics): boolean {
  return metrics.scatter.length === 0 && [...metrics.finished, ...metrics.failed].every((count) => count === 0);
}

/** Newest, lowest and highest value of a series; null without any. */
export function summarize(series: ChartSeries): { last: number; min: number; max: number } | null {
  const values = series.values.filter((value) => value !== null);
  const last = values.at(-1);
  return last === undefined ? null : { last, min: Math.min(...values), max: Math.max(...values) };
}

function outcomeCharts(metrics: Metrics): readonly MetricChart[] {
  return [
    {
      id: "outcomes",
      title: "Runs ended",
      about: "finished and failed runs in each interval",
      unit: "count",
      kind: "bars",
      series: [
        { label: "finished", tone: "first", values: metrics.finished },
        { label: "failed", tone: "bad", values: metrics.failed },
      ],
    },
    {
      id: "success",
      title: "Success rate",
      about: "finished runs as a share of all that ended",
      unit: "percent",
      kind: "line",
      series: [
        {
          label: "success",
          tone: "first",
          values: metrics.finished.map((done, at) => shareOf(done, metrics.failed[at])),
        },
      ],
    },
    {
      id: "throughput",
      title: "Throughput",
      about: "records that results state, a minute",
      unit: "per_min",
      kind: "bars",
      series: [{ label: "records", tone: "first", values: perBucket(metrics.records, metrics.bucket_ms / 60_000) }],
    },
  ];
}

function timeCharts(metrics: Metrics): readonly MetricChart[] {
  return [
    {
      id: "duration",
      title: "Duration",
      about: "half of the runs were shorter than p50, 19 of 20 shorter than p95",
      unit: "duration",
      kind: "line",
      series: [
        { label: "p50", tone: "first", values: metrics.duration_p50_ms },
        { label: "p95", tone: "second", values: metrics.duration_p95_ms },
      ],
    },
    {
      id: "queue",
      title: "Queue age",
      about: "how long attempts waited for a worker, p95",
      unit: "duration",
      kind: "line",
      series: [{ label: "p95", tone: "first", values: metrics.queue_p95_ms }],
    },
  ];
}

function resourceCharts(metrics: Metrics): readonly MetricChart[] {
  return [
    {
      id: "cpu",
      title: "Processor",
      about: "processor time of attempts as cores in use",
      unit: "cores",
      kind: "line",
      series: [{ label: "cores", tone: "first", values: perBucket(metrics.cpu_ms, metrics.bucket_ms) }],
    },
    {
      id: "memory",
      title: "Memory",
      about: "the highest use of an attempt in each interval",
      unit: "bytes",
      kind: "line",
      series: [{ label: "peak", tone: "first", values: metrics.peak_memory_bytes }],
    },
    {
      id: "network",
      title: "Network",
      about: "bytes that attempts sent and received, a second",
      unit: "bytes_per_s",
      kind: "line",
      series: [
        { label: "traffic", tone: "first", values: perBucket(metrics.network_bytes, metrics.bucket_ms / 1_000) },
      ],
    },
    {
      id: "store",
      title: "Store time",
      about: "time that attempts waited for the orchestrator's store in each interval",
      unit: "duration",
      kind: "bars",
      series: [{ label: "waited", tone: "first", values: metrics.store_ms }],
    },
  ];
}

function perBucket(counts: readonly number[], per: number): readonly number[] {
  return counts.map((count) => (per > 0 ? count / per : 0));
}

function shareOf(done: number, failed = 0): number | null {
  return done + failed === 0 ? null : (100 * done) / (done + failed);
}

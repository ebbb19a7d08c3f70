// Business figures of runs, as the store keeps them.
import type { JobMetric } from "../../core/metric/metric.ts";
import type { RunId } from "../../core/run-id.ts";

/** A figure to be written. `breach` says what became of the run when it was outside of its thresholds. */
export interface RecordedMetric extends JobMetric {
  readonly breach?: MetricVerdict;
}

export type MetricVerdict = "warn" | "fail";

/** A figure of one run. */
export interface MetricPoint extends RecordedMetric {
  readonly runId: RunId;
  readonly job: string;
  /** The attempt that recorded it last. */
  readonly attempt: number;
  readonly atMs: number;
}

/** A page of the history of one figure. */
export interface MetricPage {
  readonly job: string;
  readonly name: string;
  /** The last point of the page before. */
  readonly after?: Pick<MetricPoint, "runId" | "labels">;
  readonly limit: number;
}

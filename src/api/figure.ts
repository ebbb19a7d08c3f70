// Business figures of runs on the wire.
import type { Instant, RunIdText } from "./page.ts";

/** What one run recorded under a name and its labels. */
export interface MetricValue {
  readonly run_id: RunIdText;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: string | null;
  /** What became of the run because the value was outside of its thresholds; null when it was not. */
  readonly breach: "warn" | "fail" | null;
  readonly attempt: number;
  readonly at: Instant;
}

/** A figure of a job: what is expected of it now, and what its newest run recorded. */
export interface JobMetric {
  readonly name: string;
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Null for a figure without thresholds. */
  readonly on_breach: "warn" | "fail" | null;
  /** By labels; empty while no run has recorded it. */
  readonly newest: readonly MetricValue[];
}

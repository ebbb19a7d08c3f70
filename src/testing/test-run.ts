// Defines what a test can look at after a run.
import type { CheckResult } from "../core/dataset/check.ts";
import type { WatermarkValue } from "../core/dataset/watermark.ts";
import type { MillraceError } from "../core/errors/errors.ts";
import type { RunReason, RunState } from "../core/job/run-state.ts";

/** A row as `ctx.sql` gives it: bigint for 64-bit integers, text for decimals, dates and times, null for NULL. */
export type TestRow = Readonly<Record<string, unknown>>;

export interface TestLogLine {
  readonly job: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One entry into `execute` that ended. */
export interface TestAttempt {
  readonly job: string;
  /** From 1; counts retries only, so that entries after a durable wait have the same number. */
  readonly attempt: number;
  /** `snoozed`: it gave its worker back for a durable wait. `retry`: it failed and was tried again. */
  readonly end: "finished" | "failed" | "retry" | "snoozed" | "released" | "paused" | "lost" | "stopped";
  readonly startedAt: Date;
  readonly error: string | undefined;
}

export interface TestSpawn {
  readonly job: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly state: RunState;
  readonly result: unknown;
}

export interface TestMetric {
  readonly job: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** What became of the run because the value was outside of its thresholds. */
  readonly breach: "warn" | "fail" | undefined;
}

/** A run as it ended, with all that it left. Of a pipeline, that of its jobs together. */
export interface TestRun {
  readonly state: RunState;
  readonly reason: RunReason | undefined;
  /** What `execute` returned, as JSON gives it back. */
  readonly result: unknown;
  /** Why it ended ERROR; its `cause` is what the job itself threw. */
  readonly error: MillraceError | undefined;
  /** The rows of each dataset that it publishes, as another job would read them, in the order of their columns. */
  readonly output: Readonly<Record<string, readonly TestRow[]>>;
  /** The rows that it set aside, with `_reasons`, by the dataset that they are missing from. */
  readonly quarantined: Readonly<Record<string, readonly TestRow[]>>;
  /** Verdicts of checks, by dataset. */
  readonly checks: Readonly<Record<string, readonly CheckResult[]>>;
  /** Warnings of the engine, such as of a new column. */
  readonly warnings: readonly string[];
  readonly logs: readonly TestLogLine[];
  readonly attempts: readonly TestAttempt[];
  /** Runs that it started with `ctx.spawn`. */
  readonly spawned: readonly TestSpawn[];
  /** How far the job has read now, by the name of the watermark. Of a pipeline, those of its jobs. */
  readonly watermarks: Readonly<Record<string, WatermarkValue>>;
  /** Figures that it recorded. Of a pipeline, those of its jobs. */
  readonly metrics: readonly TestMetric[];
  /** Where the clock stood at its end. */
  readonly endedAt: Date;
}

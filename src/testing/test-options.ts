// Defines the options of a test: the world that a job finds, and how it is run in it.
import type { ConnectionOptions } from "../core/connection/connection-options.ts";
import type { WatermarkValue } from "../core/dataset/watermark.ts";
import type { Job } from "../core/job/job.ts";
import type { Window } from "../core/schedule/window.ts";

/** A row as plain values. Bigints and dates are taken, too; a value that is left out is NULL. */
export type GivenRow = Readonly<Record<string, unknown>>;

/**
 * Rows of a dataset that another job would have published: as values, whose types are inferred as those of an `ndjson` file;
 * as texts and numbers for columns whose SQL types are said, which may be no rows at all; or as a query without inputs.
 */
export type GivenRows =
  | readonly GivenRow[]
  | { readonly rows: readonly GivenRow[]; readonly columns: Readonly<Record<string, string>> }
  | { readonly sql: string };

/** The world that jobs find. */
export interface TestProjectOptions {
  /** Where time stands. It moves by itself only over durable waits and waits before a retry. Default: the present. */
  readonly now?: string | number | Date;
  /** Files of the project, such as `inbox/orders.csv`, by their path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Services for `ctx.connection`, as in millrace.config.ts, such as a small server of the test. A pause that one asks for parks the
   * run, and time moves over it.
   */
  readonly connections?: Readonly<Record<string, ConnectionOptions>>;
  /**
   * A folder that `millrace run --record` has made: HTTP requests are answered out of it, and nothing is sent. Relative to the
   * current folder.
   */
  readonly playback?: string;
  /** A folder, empty or not there, that exchanges with services are recorded in; complete when the project is disposed of. */
  readonly record?: string;
  /** Other jobs, for `ctx.spawn`. They are executed as well. */
  readonly jobs?: readonly Job[];
}

/** How a job or a pipeline is run. */
export interface TestRunOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly window?: Window;
  /** Settings by the name of the job, as `config` of millrace.config.ts. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Datasets that are published before the run begins. */
  readonly inputs?: Readonly<Record<string, GivenRows>>;
  /** How far the job has read, by the name of the watermark. Not for pipelines. */
  readonly watermarks?: Readonly<Record<string, WatermarkValue>>;
  /** Results of jobs that `ctx.upstream` asks for, by their names. Not for pipelines. */
  readonly upstream?: Readonly<Record<string, unknown>>;
  /** Jobs that stand in for those that `ctx.spawn` names: what each gives back, or a function of its params that does. */
  readonly spawns?: Readonly<Record<string, unknown>>;
  /** As with `--full-refresh`. Default false. */
  readonly isFullRefresh?: boolean;
  /** As with `--limit`: what is published goes to `<dataset>__sample`. Default: all rows. */
  readonly sampleRows?: number;
  /** What to do when the run ends ERROR: throw its error, or give it back as `error`. Default `throw`. */
  readonly onFailure?: "throw" | "return";
  /** Stops the run; the call then throws its reason. */
  readonly signal?: AbortSignal;
}

/** A run that is planned. */
export type TestPlanOptions = Pick<TestRunOptions, "params" | "window" | "config" | "isFullRefresh">;

/** Both at once, for a test of one run. */
export interface TestJobOptions extends TestProjectOptions, TestRunOptions {}

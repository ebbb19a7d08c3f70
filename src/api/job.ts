// Jobs and pipelines on the wire.
import type { UpstreamFailurePolicy } from "../core/job/pipeline.ts";
import type { RunReason, RunState } from "../core/job/run-state.ts";
import type { Lateness } from "./lateness.ts";
import type { Instant, JsonValue, PageQuery, RunIdText } from "./page.ts";

export interface JobsQuery extends PageQuery {
  /** Text in the name or the description. */
  readonly q?: string;
  /** Only those whose last run is in this state. */
  readonly state?: RunState;
  /** Whether jobs that are members of a pipeline are listed too; default true. */
  readonly members?: boolean;
  /** Each with its `definition`; default false. */
  readonly definition?: boolean;
}

/** A line of the home screen. */
export interface JobOverview {
  readonly job_name: string;
  readonly kind: "job" | "pipeline";
  readonly description: string | null;
  /** Pipelines that it is a member of. */
  readonly pipelines: readonly string[];
  /** State of the job's last run; `NOT_STARTED` without one. */
  readonly state: RunState;
  /** Why it is in that state, such as `partial`. */
  readonly reason: RunReason | null;
  readonly paused: { readonly by: string; readonly reason: string | null; readonly at: Instant } | null;
  /** Unfinished runs, counted up to 1,000. */
  readonly running: number;
  readonly pending: number;
  /** The newest last, at most 30. A fire that made no run has no `run_id`. */
  readonly outcomes: readonly JobOutcome[];
  readonly schedule: {
    readonly timing: string;
    readonly paused: boolean;
    readonly next_fire_at: Instant | null;
  } | null;
  /** Null while it comes in time, and where nothing is expected of it. */
  readonly late: Lateness | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Duration of the last finished run as a multiple of p50. */
  readonly deviation: number | null;
  /** End of the last run that FINISHED. */
  readonly fresh_at: Instant | null;
  /** Rows or records that the last finished run stated. */
  readonly rows: number | null;
  readonly last_run_id: RunIdText | null;
  /** The newest executing run with its progress, if any. */
  readonly current: {
    readonly run_id: RunIdText;
    readonly percent: number | null;
    readonly eta_p50: Instant | null;
  } | null;
  /** Only in lists that were asked for it. */
  readonly definition?: JobDefinition;
}

/** What a project's files say about a job or pipeline, in short. */
export interface JobDefinition {
  readonly purpose: string | null;
  readonly layer: "bronze" | "silver" | "gold" | null;
  /** Relative to the project. */
  readonly file: string | null;
  /** The datasets that are read; a pipeline shows those that none of its jobs publishes. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly retry: { readonly attempts: number; readonly description: string };
  readonly timeout_ms: number | null;
  /** By when its runs are to have finished, in words; null where nothing is said. */
  readonly sla: string | null;
  /** Jobs of a pipeline, each after those that it depends on; empty for a job. */
  readonly members: readonly string[];
}

export interface JobOutcome {
  readonly run_id: RunIdText | null;
  readonly state: RunState | "MISSED" | "OVERLAPPED";
  readonly reason: RunReason | null;
  readonly at: Instant;
  readonly duration_ms: number | null;
}

export interface JobDetail extends Omit<JobOverview, "definition">, JobDefinition {
  /** JSON Schema of the params, to make a form from; null when it cannot be expressed. */
  readonly params_schema: JsonValue;
  readonly concurrency: number | null;
  readonly connections: readonly string[];
  readonly isolation: string;
  /** Members with their dependencies; a job has itself alone. */
  readonly nodes: readonly JobNode[];
}

export interface JobNode {
  readonly job_name: string;
  readonly purpose: string | null;
  readonly layer: "bronze" | "silver" | "gold" | null;
  /** `because` names the dataset of an inferred edge. */
  readonly depends_on: readonly { readonly job_name: string; readonly because: string | null }[];
  /** What becomes of it when one of those does not finish. */
  readonly on_upstream_failure: UpstreamFailurePolicy;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface BackfillRequest {
  readonly from: string;
  readonly to: string;
  /** Length of a window, such as `1d`; default: from fire to fire of the schedule. */
  readonly step?: string;
  /** Default: what the schedule gives its runs. */
  readonly params?: Readonly<Record<string, JsonValue>>;
  /** Windows under way at once; default 1. */
  readonly parallelism?: number;
  /** Only say what would run. */
  readonly dry_run?: boolean;
}

export interface BackfillResult {
  /** Null with `dry_run`, and when there is nothing to do. */
  readonly run_id: RunIdText | null;
  /** Windows that will run, at most 200 of them; `count` says how many there are. */
  readonly windows: readonly { readonly from: string; readonly to: string }[];
  readonly count: number;
  /** Windows left out because they have a run: finished and unfinished ones. */
  readonly existing: number;
  readonly finished: number;
  readonly unfinished: number;
  /** How many of `count` are filled by runs with other params. */
  readonly other_params: number;
  /** Left out, since they end later than now. */
  readonly not_ended: number;
  /** Windows left out, with why, at most 200 of them. */
  readonly skipped: readonly {
    readonly from: string;
    readonly to: string;
    readonly because: "finished" | "unfinished" | "not_ended";
  }[];
}

/** Past runs, one a column, the newest first; member jobs are rows. */
export interface Grid {
  readonly job_names: readonly string[];
  readonly columns: readonly {
    readonly run_id: RunIdText;
    readonly state: RunState;
    readonly created_at: Instant;
    readonly duration_ms: number | null;
    /** In the order of `job_names`; null where the run has no such member. */
    readonly cells: readonly ({
      readonly run_id: RunIdText;
      readonly state: RunState;
      readonly reason: string | null;
      readonly duration_ms: number | null;
    } | null)[];
  }[];
  readonly next_cursor: string | null;
}

export interface MetricsQuery {
  readonly job?: string;
  readonly since?: Instant;
  readonly until?: Instant;
}

/** Series share `times`, the begins of equal buckets, at most 240. */
export interface Metrics {
  readonly since: Instant;
  readonly until: Instant;
  readonly bucket_ms: number;
  /** How many runs each run that was looked at stands for; 1 when all were. Failures are always counted. */
  readonly sampled_one_in: number;
  readonly times: readonly Instant[];
  readonly finished: readonly number[];
  readonly failed: readonly number[];
  /** Records that results state. */
  readonly records: readonly number[];
  readonly duration_p50_ms: readonly (number | null)[];
  readonly duration_p95_ms: readonly (number | null)[];
  /** From ready to claim, of attempts that started in the bucket. */
  readonly queue_p95_ms: readonly (number | null)[];
  readonly cpu_ms: readonly number[];
  readonly peak_memory_bytes: readonly (number | null)[];
  readonly network_bytes: readonly number[];
  readonly store_ms: readonly number[];
  /** A sample of at most 500 ended runs, for the scatter of durations. */
  readonly scatter: readonly {
    readonly run_id: RunIdText;
    readonly job_name: string;
    readonly at: Instant;
    readonly duration_ms: number;
    readonly state: RunState;
  }[];
}

// Runs on the wire.
import type { CheckSeverity } from "../core/dataset/check.ts";
import type { Disposition, ErrorOrigin } from "../core/errors/errors.ts";
import type { RunReason, RunState } from "../core/job/run-state.ts";
import type { DatasetLocationView } from "./datasets/dataset.ts";
import type { MetricValue } from "./figure.ts";
import type { Instant, JsonValue, PageQuery, RunIdText } from "./page.ts";
import type { RequestTotals } from "./request.ts";

export interface Run {
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly kind: "job" | "pipeline";
  readonly parent_run_id: RunIdText | null;
  readonly root_run_id: RunIdText;
  readonly state: RunState;
  readonly reason: RunReason | null;
  readonly attempt: number;
  readonly params: JsonValue;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly tenant: string;
  readonly created_by: string;
  readonly created_at: Instant;
  /** First start, of a pipeline with its first member; `duration_ms` is from here to the end, with all that was waited for. */
  readonly started_at: Instant | null;
  readonly finished_at: Instant | null;
  /** When a waiting run is due. */
  readonly due_at: Instant | null;
  readonly duration_ms: number | null;
  /** Since when it should have finished; null for one that is in time, or of which nothing is expected. */
  readonly late_since: Instant | null;
  readonly progress: Progress | null;
  readonly error: RunError | null;
  /** What its result states about the rows that it wrote; null where it states nothing of that kind. */
  readonly written: WrittenRows | null;
  /** What it returned. Of a list only where that was asked for. */
  readonly result?: JsonValue;
}

/** Jobs that publish a dataset return such a result; a field that it does not have is null. */
export interface WrittenRows {
  readonly rows: number | null;
  /** False when the dataset had these rows already. */
  readonly changed: boolean | null;
  /** Rows that checks set aside. */
  readonly quarantined: number | null;
}

export interface Progress {
  /** 0 to 100; null while the total is unknown. */
  readonly percent: number | null;
  readonly operation: string | null;
  readonly done: number | null;
  readonly total: number | null;
  /** Records per second at the present pace. */
  readonly rate: number | null;
  /** When it will be done: as likely sooner as later, and nine times of ten sooner. */
  readonly eta: { readonly p50: Instant; readonly p90: Instant } | null;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** What happens to the run because of it, and who can act. */
  readonly disposition: Disposition;
  readonly origin: ErrorOrigin;
  readonly error_class: string | null;
  /** The same for errors that differ in numbers, ids and quoted values only. */
  readonly fingerprint: string;
  readonly causes: readonly string[];
}

/** All filters are the server's; several are joined by "and". */
export interface RunsQuery extends PageQuery {
  readonly job?: string;
  /** One or several, separated by commas. */
  readonly state?: string;
  /** Only runs created at or after this instant, and before that one. */
  readonly since?: Instant;
  readonly until?: Instant;
  /** Names of jobs to leave out, separated by commas. */
  readonly not?: string;
  /** Text in the name of the job, the error or the params; or a run id. */
  readonly q?: string;
  readonly tenant?: string;
  readonly fingerprint?: string;
  readonly parent?: RunIdText;
  /** Whether runs inside pipelines are listed too; default false. */
  readonly children?: boolean;
}

export interface RunDetail extends Run {
  /** The environment that it belongs to; null where none was chosen. */
  readonly environment: string | null;
  readonly result: JsonValue;
  readonly worker: string | null;
  /** How many runs of each state it has inside; null for a job run. */
  readonly children: Readonly<Partial<Record<RunState, number>>> | null;
  /** The first run inside that failed, in order of time. */
  readonly first_failed_run_id: RunIdText | null;
  readonly attempts: readonly Attempt[];
  readonly units: RunUnits;
  /** What the run itself asked of services. */
  readonly requests: RequestTotals;
  readonly inputs: readonly DatasetUse[];
  readonly outputs: readonly DatasetUse[];
  /** Where rows were computed that no worker has computed, the last place of each dataset. */
  readonly computed: readonly ComputedElsewhere[];
  readonly checks: readonly RunCheck[];
  /** Figures that the run itself recorded, by name and labels. */
  readonly metrics: readonly MetricValue[];
  readonly warnings: readonly { readonly job_name: string; readonly message: string }[];
  /** Rows that checks set aside, by dataset. */
  readonly quarantined: readonly QuarantinedRows[];
  /** What may be asked of it in its state. */
  readonly actions: readonly RunAction[];
  /** Newest sequence number of its history. */
  readonly last_seq: number;
}

/** Units of the run and of the runs in it. */
export interface RunUnits {
  readonly done: number;
  readonly failed: number;
  /** The first ten that failed. */
  readonly failures: readonly {
    readonly run_id: RunIdText;
    readonly job_name: string;
    readonly key: string;
    readonly error: string | null;
  }[];
}

export interface QuarantinedRows {
  readonly dataset: string;
  readonly job_name: string;
  /** Name of the dataset that holds them. */
  readonly quarantine: string;
  readonly rows: number;
  /** A row that breaks two checks counts for both. */
  readonly checks: readonly { readonly name: string; readonly rows: number }[];
}

export type RunAction = "start" | "stop" | "pause" | "resume" | "retry" | "rerun";

export interface Attempt {
  readonly attempt: number;
  readonly epoch: number;
  readonly worker: string;
  readonly started_at: Instant;
  /** Null for the one that executes. */
  readonly ended_at: Instant | null;
  readonly end: string | null;
  readonly error: RunError | null;
  /** Fingerprint of the code that ran, to notice a change between attempts. */
  readonly code: string | null;
  readonly metrics: {
    readonly cpu_ms: number | null;
    readonly peak_memory_bytes: number | null;
    readonly network_bytes_in: number | null;
    readonly network_bytes_out: number | null;
    readonly store_calls: number | null;
    readonly store_ms: number | null;
    /** Other runs executed in the same process, so that processor and memory are shared figures. */
    readonly shared: boolean;
  } | null;
}

export interface DatasetUse {
  readonly dataset: string;
  readonly job_name: string;
  /** Null when it is read and the version is not known. */
  readonly version: number | null;
  /** Rows that the run wrote; null for an input. */
  readonly rows: number | null;
  readonly row_count: number | null;
  /** False when the dataset had these rows already. */
  readonly changed: boolean | null;
  /** Where that version lies; empty for an input. */
  readonly locations: readonly DatasetLocationView[];
}

/** Rows of a dataset that a cluster has computed, or computes. */
export interface ComputedElsewhere {
  readonly dataset: string;
  readonly job_name: string;
  /** Which cluster, in which version, at which address, and how to find the work on its own screens. */
  readonly where: string;
  /** By which id the cluster knows the query; null for work of many statements. */
  readonly operation: string | null;
}

export interface RunCheck {
  readonly dataset: string;
  readonly job_name: string;
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly passed: boolean;
  readonly failing_rows: number;
  readonly detail: string;
}

/** Runs of a pipeline run as a graph and as bars over time. At most 5,000 nodes; `truncated` says that there are more. */
export interface RunGraph {
  readonly nodes: readonly RunGraphNode[];
  readonly edges: readonly { readonly from: RunIdText; readonly to: RunIdText }[];
  readonly truncated: boolean;
}

export interface RunGraphNode {
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly state: RunState;
  readonly reason: RunReason | null;
  readonly attempt: number;
  readonly created_at: Instant;
  /** When it could have started: its dependencies had ended. Null while that is not so. */
  readonly ready_at: Instant | null;
  /** Attempts, oldest first; the last has no end while it executes. */
  readonly spans: readonly {
    readonly started_at: Instant;
    readonly ended_at: Instant | null;
    readonly end: string | null;
  }[];
  readonly percent: number | null;
}

export interface RunEventRecord {
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly seq: number;
  readonly type: string;
  readonly data: JsonValue;
  readonly at: Instant;
}

export interface EventsQuery {
  readonly after?: number;
  /** The last ones of the run and of the runs in it, by time, in place of a page of the run's own. Not with `after`. */
  readonly tail?: boolean;
  /** 1 to 1,000; default 200. */
  readonly limit?: number;
}

export interface LogLine {
  /** Opaque position; `after` and `before` of the query take it. */
  readonly cursor: string;
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly at: Instant;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: JsonValue;
}

/** Without `after` and `before`: the first lines. `tail` gives the last ones. */
export interface LogsQuery {
  readonly q?: string;
  /** At least this level. */
  readonly level?: "debug" | "info" | "warn" | "error";
  readonly after?: string;
  readonly before?: string;
  readonly tail?: boolean;
  /** 1 to 1,000; default 200. */
  readonly limit?: number;
}

export interface LogPage {
  readonly items: readonly LogLine[];
  /** Whether there are lines before and after what this page looked at; with a filter they need not match. */
  readonly has_before: boolean;
  readonly has_after: boolean;
  /** `before` and `after` of the next page, also of one on which nothing matched. */
  readonly before_cursor: string | null;
  readonly after_cursor: string | null;
}

export interface Unit {
  /** The `ctx.each` of the run that it belongs to: `1`, `2`, … in their order, or `=` and its name. Null for older runs. */
  readonly loop: string | null;
  readonly key: string;
  readonly state: "done" | "failed";
  readonly error: string | null;
}

export interface Explanation {
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly state: RunState;
  readonly summary: string;
  readonly details: readonly string[];
  readonly remedy: string | null;
  readonly because: readonly Explanation[];
}

/** Why a job starts when it does, or does not. */
export interface JobExplanation {
  readonly job_name: string;
  /** A sentence without its subject, the job or its schedule. */
  readonly summary: string;
  readonly details: readonly string[];
  readonly remedy: string | null;
  /** Of its newest run; null for a job that has none. */
  readonly run: Explanation | null;
}

/** What differs between two runs, the first being the one of the path's begin. */
export interface Comparison {
  readonly runs: readonly [Run, Run];
  readonly params: readonly Difference[];
  readonly code_changed: boolean | null;
  /** By job; of a job run one entry. */
  readonly jobs: readonly {
    readonly job_name: string;
    readonly states: readonly [RunState | null, RunState | null];
    readonly durations_ms: readonly [number | null, number | null];
    readonly attempts: readonly [number | null, number | null];
    readonly rows: readonly [number | null, number | null];
  }[];
  readonly datasets: readonly {
    readonly dataset: string;
    readonly versions: readonly [number | null, number | null];
    readonly row_counts: readonly [number | null, number | null];
    readonly columns_added: readonly string[];
    readonly columns_removed: readonly string[];
  }[];
  readonly errors: readonly [RunError | null, RunError | null];
}

export interface Difference {
  /** Dotted. */
  readonly path: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

/** What a person may say with an action. */
export interface ActionRequest {
  readonly force?: boolean;
  /** At most 500 characters. */
  readonly reason?: string;
}

export interface ActionResult {
  /** How many runs changed at once. */
  readonly changed: number;
  /** How many executing runs were asked; they yield soon. */
  readonly requested: number;
}

export interface StartRequest extends ActionRequest {
  readonly params?: Readonly<Record<string, JsonValue>>;
  readonly window?: { readonly from: string; readonly to: string };
}

export interface StartResult {
  readonly run_id: RunIdText;
  /** False when an unfinished run of the same params exists; it goes on, and this is its id. */
  readonly created: boolean;
}

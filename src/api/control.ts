// Defines bulk actions on runs, failures, the timeline and the search.
import type { RunState } from "../core/job/run-state.ts";
import type { Instant, RunIdText } from "./page.ts";
import type { Run, RunsQuery } from "./run.ts";

export type BulkAction = "stop" | "pause" | "resume" | "retry";

export interface SelectRuns {
  readonly action: BulkAction;
  /** A filter of the list of runs, without page; or exactly these runs, at most 10,000. */
  readonly filter?: Omit<RunsQuery, "cursor" | "limit">;
  readonly run_ids?: readonly RunIdText[];
}

/** Frozen: runs that come later are not in it. */
export interface Selection {
  readonly selection_id: string;
  readonly action: BulkAction;
  /** Exact, at most 10,000; a filter that finds more is refused with 422. */
  readonly count: number;
  readonly by_state: Readonly<Partial<Record<RunState, number>>>;
  readonly sample: readonly Run[];
  readonly expires_at: Instant;
}

export interface ApplyBulk {
  readonly selection_id: string;
  /** Echoed by the caller; 409 when it is not the selection's. */
  readonly count: number;
  readonly reason?: string;
}

export interface BulkResult {
  readonly count: number;
  readonly changed: number;
  readonly requested: number;
  /** Runs whose state no longer allowed it, at most 100 of them. */
  readonly refused: readonly { readonly run_id: RunIdText; readonly detail: string }[];
}

export interface FailuresQuery {
  readonly since?: Instant;
  readonly job?: string;
  readonly q?: string;
}

/** Failed runs of the same job with the same error; only runs that are still in ERROR. */
export interface FailureCluster {
  readonly fingerprint: string;
  readonly job_name: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly error_class: string | null;
  /** Counted up to 10,000. */
  readonly count: number;
  readonly first_at: Instant;
  readonly last_at: Instant;
  /** The newest few. */
  readonly run_ids: readonly RunIdText[];
}

export interface TimelineQuery {
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface Timeline {
  readonly from: Instant;
  readonly to: Instant;
  readonly now: Instant;
  /** At most 2,000 root runs that overlap the range; the newest when there are more. */
  readonly bars: readonly {
    readonly run_id: RunIdText;
    readonly job_name: string;
    readonly state: RunState;
    readonly from: Instant;
    readonly to: Instant | null;
  }[];
  /** Fires to come, at most 2,000. */
  readonly fires: readonly { readonly job_name: string; readonly at: Instant; readonly expected_ms: number | null }[];
  readonly truncated: boolean;
}

export interface SearchResult {
  readonly jobs: readonly {
    readonly job_name: string;
    readonly kind: "job" | "pipeline";
    readonly description: string | null;
  }[];
  readonly runs: readonly Run[];
  readonly datasets: readonly string[];
}

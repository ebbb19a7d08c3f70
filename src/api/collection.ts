// Whether what jobs collect from services is all there and new: connections, coverage and freshness side by side.
import type { RunReason, RunState } from "../core/job/run-state.ts";
import type { Connection } from "./orchestrator.ts";
import type { Instant, RunIdText } from "./page.ts";
import type { UnitPage } from "./state.ts";

/** All jobs that use a connection or read in units, at most 200. */
export interface Collection {
  /** By name. */
  readonly items: readonly CollectedJob[];
  /** Those that these jobs use, by name. */
  readonly connections: readonly Connection[];
  /** Whether the project has more such jobs than are listed. */
  readonly truncated: boolean;
}

export interface CollectedJob {
  readonly job_name: string;
  /** Pipelines that it is a member of. */
  readonly pipelines: readonly string[];
  readonly connections: readonly string[];
  /** State of its newest run; `NOT_STARTED` without one. */
  readonly state: RunState;
  /** Such as `partial`. */
  readonly reason: RunReason | null;
  readonly last_run_id: RunIdText | null;
  /** End of that run; null while it has not ended. */
  readonly last_run_at: Instant | null;
  /** End of the last run that FINISHED, among the newest 30. */
  readonly fresh_at: Instant | null;
  /** When a unit was read last; null where units have no watermarks. */
  readonly last_read_at: Instant | null;
  /** Of its units; null where there are too many to be counted here. */
  readonly coverage: UnitPage["summary"] | null;
  /** Since when the oldest answer is known that its last finished run published in place of a service that failed. */
  readonly stale_since: Instant | null;
}

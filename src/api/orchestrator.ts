// The orchestrator as a whole: its switch, workers, limits, connections.
import type { Instant, RunIdText } from "./page.ts";

export interface Orchestrator {
  readonly claiming: boolean;
  readonly changed_by: string;
  readonly reason: string | null;
  /** `null` while nobody has switched it. */
  readonly changed_at: Instant | null;
  /** The store's clock. */
  readonly now: Instant;
  readonly store: "sqlite" | "postgres";
  readonly version: string;
  readonly workers: readonly {
    readonly name: string;
    readonly host: string;
    readonly expires_at: Instant;
    readonly alive: boolean;
  }[];
  readonly health: {
    readonly executing: number;
    readonly ready: number;
    readonly retries: number;
    readonly dead_leases: number;
    readonly late_runs: number;
    readonly late_schedules: number;
  };
  /** What needs a person, in sentences; empty when all is well. */
  readonly problems: readonly string[];
}

export interface OrchestratorActionResult {
  readonly claiming: boolean;
  /** Runs that an emergency stop ended. */
  readonly stopped: number;
}

export interface Limit {
  /** `job:<name>`, `pool:<name>`, `connection:<name>` or `tenant:<name>`. */
  readonly gate: string;
  readonly capacity: number | null;
  readonly held: number;
  readonly blocked_until: Instant | null;
}

export interface PutLimits {
  readonly limits: readonly {
    readonly gate: string;
    /** Null removes the limit. */
    readonly capacity: number | null;
    /** What the caller saw. 409 when it is another by now; then none is changed. */
    readonly seen_capacity?: number | null;
  }[];
  readonly reason?: string;
}

export interface Breaker {
  readonly connection: string;
  readonly state: "closed" | "open" | "half_open";
  readonly failures: number;
  readonly opened_at: Instant | null;
  readonly next_probe_at: Instant | null;
  readonly last_error: string | null;
  /** Grows with each change; 0 while there is nothing to tell. */
  readonly version: number;
}

export interface ResetBreaker {
  /** The version that the caller saw. 409 when there is a newer one. */
  readonly version?: number;
  readonly reason?: string;
}

export interface Connection {
  readonly connection: string;
  /** Jobs that declare it. */
  readonly job_names: readonly string[];
  readonly breaker: Breaker | null;
  /** Runs that may use it at once, and do; null without a limit. */
  readonly capacity: number | null;
  readonly held: number;
  readonly blocked_until: Instant | null;
  readonly holders: readonly RunIdText[];
}

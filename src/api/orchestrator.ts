// The orchestrator as a whole: its switch, workers, limits, connections.
import type { Instant, JsonValue, RunIdText } from "./page.ts";

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

export interface TestConnection {
  /** What to ask for, relative to the address of the connection. */
  readonly url?: string;
  /** Whether answers that are kept of it where the request is sent are forgotten; default false. */
  readonly fresh?: boolean;
}

/** What came back, without a word of it. */
export interface ConnectionTest {
  readonly connection: string;
  /** Null when no answer came. */
  readonly answer: {
    /** Secrets in it are masked. */
    readonly address: string;
    readonly good: boolean;
    /** Of a service that is asked by HTTP, without a word of what came. */
    readonly status: number | null;
    readonly bytes: number | null;
    /** Of a place of files, how many it has there, counted up to 1,000. */
    readonly files: number | null;
    /** Of a database, its version. */
    readonly server: string | null;
    readonly duration_ms: number;
  } | null;
  /** Why no answer came. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface AddConnection {
  /** As under `connections.<name>` of the configuration. Sealed at once, and never given out. */
  readonly options: JsonValue;
  /** Although the name is registered already. */
  readonly replace?: boolean;
}

export interface Connection {
  readonly connection: string;
  /** Where it is declared; null when only jobs name it. */
  readonly source: "configuration" | "store" | null;
  /** Such as `http`. */
  readonly kind: string | null;
  readonly address: string | null;
  /** Kind of auth. */
  readonly auth: string | null;
  /** A token that workers share; null where none is held. */
  readonly token_state: { readonly expires_at: Instant | null } | null;
  /** Until when the service asked not to be asked. */
  readonly paused_until: Instant | null;
  /** What any window may have, and how much of it may be sent now; null without a limit. */
  readonly requests: { readonly count: number; readonly per_ms: number; readonly ready: number } | null;
  /** Jobs that declare it. */
  readonly job_names: readonly string[];
  readonly breaker: Breaker | null;
  /** Runs that may use it at once, and do; null without a limit. */
  readonly capacity: number | null;
  readonly held: number;
  readonly blocked_until: Instant | null;
  readonly holders: readonly RunIdText[];
}

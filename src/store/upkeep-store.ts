// What keeps a store healthy and explains it: breakers, cadences, retention, statistics and the facts behind "why".
import type { RunId } from "../core/run-id.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { InvariantViolation, RunSummary } from "./run-records.ts";

export interface UpkeepStore {
  /** Checks the invariants of docs/guarantees.md with queries alone. */
  verify(): Promise<readonly InvariantViolation[]>;

  /** True for one caller in each period, whichever process asks. */
  takeCadence(name: string, everyMs: number): Promise<boolean>;
  /** Removes root runs that ended before that time with all that belongs to them, oldest first. @returns how many roots */
  removeHistory(request: { endedBeforeMs: number; limit: number }): Promise<number>;
  /** Partitions, statistics and the like, as far as the adapter has them; cheap to repeat. */
  tidy(): Promise<void>;

  findBreaker(name: string): Promise<BreakerRecord | undefined>;
  listBreakers(): Promise<readonly BreakerRecord[]>;
  /** Writes the state if the version is the one that was read (0: none), and blocks or opens the gate `connection:<name>`. @returns whether it did */
  saveBreaker(breaker: BreakerRecord): Promise<boolean>;

  /** Per job, over runs that ended since that time. */
  jobStatistics(request: { sinceMs: number; job?: string }): Promise<readonly JobStatistics[]>;
  /** What is known about why a run is where it is. `undefined` for an unknown run. */
  findWaitFacts(runId: RunId): Promise<WaitFacts | undefined>;
}

export interface BreakerRecord {
  /** Of the connection. */
  readonly name: string;
  readonly state: "closed" | "open" | "half_open";
  /** Failures in a row, or in the window; the breaker's own business. */
  readonly failures: number;
  readonly openedAtMs: number | undefined;
  /** When the next probe is let through. */
  readonly probeAtMs: number | undefined;
  readonly lastError: string | undefined;
  /** Counts the writes. */
  readonly version: number;
}

/** Durations in milliseconds from claim to end. */
export interface JobStatistics {
  readonly job: string;
  readonly finished: number;
  readonly failed: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** Sum of `rows` or `records` that results state, where they do. */
  readonly records: number | undefined;
  readonly lastState: RunSummary["state"];
  readonly lastEndedAtMs: number;
}

/** Facts, not words: `orchestrator/explain-wait.ts` makes the sentence. */
export interface WaitFacts {
  readonly run: RunSummary;
  readonly held: "waiting" | "scheduled" | "ready" | "parked" | "lease" | "outcome";
  /** Unfinished runs it waits for, at most 10. */
  readonly upstream: readonly { readonly runId: RunId; readonly job: string; readonly state: RunSummary["state"] }[];
  /** How many ready runs are ahead of it, counted up to 1,000. */
  readonly ahead: number;
  /** Gates of the run that let nothing through now. */
  readonly blockedGates: readonly {
    readonly gate: string;
    readonly capacity: number | undefined;
    readonly held: number;
    readonly blockedUntilMs: number | undefined;
  }[];
  readonly pausedBy:
    | { readonly by: string; readonly reason: string | undefined; readonly scope: "run" | "job" }
    | undefined;
  readonly request: { readonly action: string; readonly by: string } | undefined;
  readonly engineStopped: { readonly by: string; readonly reason: string | undefined } | undefined;
  /** Workers in service, and how many of them have the job's code. */
  readonly workers: { readonly inService: number; readonly withJob: number };
  readonly lastError: ErrorRecord | undefined;
}

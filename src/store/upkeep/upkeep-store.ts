// Defines what keeps a store healthy and explains it: breakers, cadences, retention, statistics and the facts behind
// "why".
import type { DurableWait } from "../../core/job/durable-wait.ts";
import type { RunId } from "../../core/run-id.ts";
import type { ErrorClass } from "../../core/errors/error-class.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RecoveryTierName } from "../../core/recovery/recovery-plan.ts";
import type { InvariantViolation, RunSummary } from "../rows/run-records.ts";
import type { StoreOwner } from "./store-owner.ts";

export interface UpkeepStore {
  /** Checks the invariants of docs/reference/guarantees.md with queries alone. */
  verify(): Promise<readonly InvariantViolation[]>;

  /** Gives a store that nobody owns to a project in one environment. @returns whose it is */
  takeStore(asking: StoreOwner): Promise<StoreOwner>;

  /** True for one caller in each period, whichever process asks. */
  takeCadence(name: string, everyMs: number): Promise<boolean>;
  /** Removes root runs that ended before that time with all that belongs to them, oldest first. @returns how many roots */
  removeHistory(request: { endedBeforeMs: number; limit: number }): Promise<number>;
  /** Partitions, statistics and the like, as far as the adapter has them; cheap to repeat. */
  tidy(): Promise<void>;

  /** The time that the store goes by, milliseconds since the Unix epoch. */
  readClockMs(): Promise<number>;
  /** @param lateMs how much later than due a run or schedule must be to count as late */
  readHealth(request: { lateMs: number }): Promise<StoreHealth>;

  findBreaker(name: string): Promise<BreakerRecord | undefined>;
  listBreakers(): Promise<readonly BreakerRecord[]>;
  /** Writes the state if the version is the one that was read (0: none), and blocks or opens the gate `connection:<name>`. @returns whether it did */
  saveBreaker(breaker: BreakerRecord): Promise<boolean>;

  /** Per job, over runs that ended in that time. */
  jobStatistics(request: StatisticsRequest): Promise<readonly JobStatistics[]>;
  /** What is known about why a run is where it is. `undefined` for an unknown run. */
  findWaitFacts(runId: RunId): Promise<WaitFacts | undefined>;
}

export interface BreakerRecord {
  /** Name of the connection. */
  readonly name: string;
  readonly state: "closed" | "open" | "half_open";
  /** Failures in a row, or in the window; the breaker's own business. */
  readonly failures: number;
  /** How often permission was refused since the last success. */
  readonly refusals: number;
  readonly openedAtMs: number | undefined;
  /** When the next probe is let through. */
  readonly probeAtMs: number | undefined;
  readonly lastError: string | undefined;
  /** Counts the writes. */
  readonly version: number;
}

/** Half-open: since `sinceMs`, before `untilMs` (default: until now). */
export interface StatisticsRequest {
  readonly sinceMs: number;
  readonly untilMs?: number;
  readonly job?: string;
}

/** Durations in milliseconds, from the first start of a run to its end, of runs that an attempt ended. */
export interface JobStatistics {
  readonly job: string;
  readonly finished: number;
  readonly failed: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** Sum over the attempts that ended runs. */
  readonly busyMs: number;
  /** Sum of `rows` or `records` that results state, where they do. */
  readonly records: number | undefined;
  /** How many runs failed with errors of each class. */
  readonly errorClasses: Readonly<Partial<Record<ErrorClass, number>>>;
  readonly lastState: RunSummary["state"];
  readonly lastEndedAtMs: number;
}

/** What a person or the sleep job looks at first. */
export interface StoreHealth {
  /** By the store's clock. */
  readonly nowMs: number;
  readonly isClaiming: boolean;
  /** Workers in service. */
  readonly workers: number;
  readonly executing: number;
  /** Runs whose worker is gone. They are taken back within seconds while any worker is in service. */
  readonly deadLeases: number;
  readonly ready: number;
  /** Runs that wait for another try. */
  readonly retries: number;
  /** Runs whose time came a while ago and that are not ready yet. */
  readonly lateRuns: number;
  /** Schedules that should have fired a while ago. */
  readonly lateSchedules: number;
}

/** Facts, not words: `orchestrator/explain-wait.ts` makes the sentence. */
export interface WaitFacts {
  readonly run: RunSummary;
  /** By the store's clock. */
  readonly nowMs: number;
  readonly held: "waiting" | "scheduled" | "ready" | "parked" | "lease" | "outcome";
  /** Unfinished runs it waits for, at most 10; of a pipeline its members. Those that wait for others come last. */
  readonly upstream: readonly UpstreamFact[];
  /** Runs it depends on that ended badly, at most 10; of a pipeline its members. */
  readonly failedUpstream: readonly UpstreamFact[];
  /** How many ready runs are ahead of it, counted up to 1,000. */
  readonly ahead: number;
  /** Gates of the run that let nothing through now. */
  readonly blockedGates: readonly BlockedGate[];
  readonly pausedBy:
    | { readonly by: string; readonly reason: string | undefined; readonly scope: "run" | "job" }
    | undefined;
  readonly request: { readonly action: string; readonly by: string } | undefined;
  readonly orchestratorStopped: { readonly by: string; readonly reason: string | undefined } | undefined;
  /** Workers in service, and how many of them have the job's code. */
  readonly workers: { readonly inService: number; readonly withJob: number };
  /** The worker that executes the run. */
  readonly executing:
    | { readonly worker: string; readonly sinceMs: number; readonly isWorkerAlive: boolean }
    | undefined;
  /** What its next attempt was planned as, when that is known. */
  readonly retry: { readonly tier: RecoveryTierName; readonly retries: number } | undefined;
  /** What the handler waits for that gave its worker back. Left out: it did not say, or does not wait. */
  readonly wait?: DurableWait;
  readonly lastError: ErrorRecord | undefined;
  /** Workers that died while they held it, and how many of them had nothing else aboard. Left out: none did. */
  readonly losses?: { readonly count: number; readonly alone: number };
}

export interface UpstreamFact {
  readonly runId: RunId;
  readonly job: string;
  readonly state: RunSummary["state"];
  readonly reason: RunSummary["reason"];
  readonly runAtMs: number | undefined;
}

export interface BlockedGate {
  readonly gate: string;
  readonly capacity: number | undefined;
  readonly held: number;
  readonly blockedUntilMs: number | undefined;
  /** The breaker of its connection, unless that is closed. */
  readonly breaker: { readonly lastError: string | undefined } | undefined;
  /** Runs that hold its slots, at most 5. */
  readonly holders: readonly { readonly runId: RunId; readonly job: string }[];
}

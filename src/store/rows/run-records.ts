// The shapes in which the store hands out what it holds. Times are milliseconds since the Unix epoch, by the store's clock.
import type { NewNotice } from "../../core/notification/notice.ts";
import type { DurableWait } from "../../core/job/durable-wait.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RecoveryTierName } from "../../core/recovery/recovery-plan.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { UpstreamFailurePolicy } from "../../core/job/pipeline.ts";
import type { Window } from "../../core/schedule/window.ts";

/** Params, results and checkpoints: anything JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A worker process known to the store; never reused. */
export type WorkerId = number & { readonly brand: "WorkerId" };

/** `job` runs execute a handler; a `pipeline` run waits for its children and then sums them up. */
export type RunKind = "job" | "pipeline";

/** The fence: a write is accepted only while the run's lease has this epoch. */
export interface Fence {
  readonly runId: RunId;
  /** +1 at every claim, never decreased. */
  readonly epoch: number;
}

export interface NewRun {
  readonly job: string;
  readonly kind: RunKind;
  /** Position in the submission of the pipeline run this one belongs to, which becomes ready when all its children have ended. */
  readonly parent?: number;
  readonly params: Json;
  readonly window?: Window;
  readonly tenant: string;
  readonly createdBy: string;
  /** Smaller is claimed first; default 0. */
  readonly priority?: number;
  /** Not before this time. */
  readonly runAtMs?: number;
  /** Gates whose limits it keeps while it executes, such as `job:etl`, `pool:gpu`. Their capacities are set by `setLimits`. */
  readonly gates?: readonly string[];
}

/** `child`, a job run, waits for `parent`; both are positions in the submission. */
export interface NewEdge {
  readonly parent: number;
  readonly child: number;
  readonly onUpstreamFailure: UpstreamFailurePolicy;
}

/** One transaction's worth of new work. The first run is the root. */
export interface Submission {
  readonly runs: readonly NewRun[];
  readonly edges: readonly NewEdge[];
  /** While a root run with this key is unfinished, submitting again returns that run instead of making another. */
  readonly runKey?: string;
  /** The run whose handler asked for this one. */
  readonly spawnedBy?: RunId;
  /** Only this worker may execute these runs, and what they spawn, for what it alone has. Whoever claims them after it is gone ends them. */
  readonly boundTo?: WorkerId;
}

export interface SubmitResult {
  readonly rootRunId: RunId;
  /** In the order of the submission; of an existing root only itself. */
  readonly runIds: readonly RunId[];
  /** False when `runKey` named an unfinished run. */
  readonly created: boolean;
}

/** What became of a submission that fills windows. */
export interface FillResult {
  /** Left out when a window had a run already; then nothing was written. */
  readonly submitted?: SubmitResult;
  /** Windows that have a run which is unfinished or FINISHED. */
  readonly taken: readonly Window[];
}

export interface WorkerRegistration {
  readonly name: string;
  readonly ttlMs: number;
  /** Identifies the process, so that another process of the same host can tell that it is gone. */
  readonly process: WorkerProcess;
  /** Jobs it has the code of, for telling people why a run waits. */
  readonly jobs?: readonly string[];
}

export interface WorkerProcess {
  readonly host: string;
  /** Differs after a reboot, so that a pid is not taken for another machine life's. */
  readonly bootId: string;
  readonly pid: number;
  /** Start time of the process in the kernel's own unit; tells a reused pid apart. */
  readonly startTicks: string;
}

/** A leased run, with all that is needed to execute it. */
export interface ClaimedRun extends Fence {
  readonly job: string;
  readonly kind: RunKind;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | undefined;
  readonly params: Json;
  readonly window: Window | undefined;
  readonly tenant: string;
  readonly createdBy: string;
  readonly attempt: number;
  /** Workers that died while they held this run; it may be what killed them. */
  readonly losses: number;
  readonly createdAtMs: number;
  /** Whether other runs wait for this one. */
  readonly hasChildren: boolean;
  /** It was bound to a worker that is gone, so that it must be ended and not be executed. */
  readonly isOrphan?: boolean;
}

/** How a worker's hold on a run ends. */
export type Settlement = Fence & {
  readonly events?: readonly NewEvent[];
  readonly metrics?: AttemptMetrics;
  /** Fingerprint of the code that ran, to notice a change between attempts. */
  readonly code?: string;
  /** Of a run that ends: what people are told of it, in the same transaction. */
  readonly notices?: readonly NewNotice[];
} & (
    | { readonly end: "finished"; readonly reason?: "partial"; readonly result: Json }
    | { readonly end: "failed"; readonly reason: RunReason; readonly error: ErrorRecord }
    /**
     * Transient failure: counts as an attempt, due again `delayMs` after the store has recorded it. A delay, because only the
     * clock of the store decides what is due: that of a worker may be wrong, or be set while the settlement is on its way.
     */
    | {
        readonly end: "retry";
        readonly delayMs: number;
        readonly error: ErrorRecord;
        /** For people: which tier of the recovery, and how many retries there are in all. */
        readonly recovery?: { readonly tier: RecoveryTierName; readonly retries: number };
      }
    /** The handler gave the worker back: does not count as an attempt. */
    | { readonly end: "snoozed"; readonly delayMs: number; readonly wait?: DurableWait | undefined }
    /** The worker shuts down: does not count, ready at once. */
    | { readonly end: "released" }
    /** A person asked for it and the handler yielded: does not count, parked until somebody resumes it. */
    | { readonly end: "paused" }
  );

/** What an attempt used. Counters that a mode of isolation cannot tell apart from other runs' are left out. */
export interface AttemptMetrics {
  /** Processor time of the attempt; in `inline` isolation that of the whole process while it ran. */
  readonly cpuMs?: number;
  /** Greatest resident memory seen; in `inline` isolation that of the whole process. */
  readonly peakMemoryBytes?: number;
  readonly networkBytesIn?: number;
  readonly networkBytesOut?: number;
  readonly networkRequests?: number;
  /** Calls of the store and the time spent waiting for them. */
  readonly storeCalls?: number;
  readonly storeMs?: number;
  /** True when other runs executed in the same process, so that processor and memory are shared figures. */
  readonly shared?: boolean;
}

export interface SettleResult {
  /** Runs whose lease was gone or newer; nothing of theirs was written. */
  readonly lostRunIds: readonly RunId[];
  /** How many runs became ready, so that the dispatcher claims without waiting. */
  readonly readied: number;
}

export interface NewEvent {
  readonly type: string;
  readonly data?: Json;
}

/** An entry of a run's history; `seq` counts 1, 2, 3, … without gaps within the run. */
export interface RunEvent extends NewEvent {
  readonly runId: RunId;
  readonly seq: number;
  readonly atMs: number;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface NewLogLine {
  readonly runId: RunId;
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Json;
}

export interface LogLine extends NewLogLine {
  readonly seq: number;
}

export interface ProgressRecord {
  readonly runId: RunId;
  readonly done: number | undefined;
  readonly total: number | undefined;
  readonly operation: string | undefined;
  readonly atMs: number;
}

export interface UnitRecord {
  /** The loop it belongs to, see orchestrator/run-loops.ts. Left out for units from before loops had names: of every loop. */
  readonly loop?: string;
  readonly key: string;
  readonly state: "done" | "failed";
  readonly error?: string;
}

/** The result of a step, to be remembered. */
export interface StepRecord extends Fence {
  readonly name: string;
  readonly value: Json;
}

/** One version of a checkpoint. `data` is undefined when its checksum does not hold. */
export interface CheckpointVersion {
  readonly version: number;
  readonly data: Json | undefined;
  readonly savedAtMs: number;
}

/** A run as lists and pages show it. */
export interface RunSummary {
  readonly id: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly parentRunId: RunId | undefined;
  readonly rootRunId: RunId;
  readonly state: RunState;
  readonly reason: RunReason | undefined;
  readonly attempt: number;
  readonly epoch: number;
  readonly params: Json;
  readonly window: Window | undefined;
  readonly tenant: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** First start, whatever was tried again or waited for since: from here to its end a run took. Of a pipeline, with its first member. */
  readonly startedAtMs: number | undefined;
  /** Start of the attempt that executes now. */
  readonly attemptStartedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  /** When a waiting run is due. */
  readonly runAtMs: number | undefined;
  readonly result: Json | undefined;
  readonly error: ErrorRecord | undefined;
  readonly progress: ProgressRecord | undefined;
}

export interface RunFilter {
  readonly job?: string;
  readonly state?: RunState;
  /** Only children of this run. */
  readonly parentRunId?: RunId;
  /** Only runs that belong to no other. */
  readonly rootsOnly?: boolean;
  /** Keyset: runs with a smaller id. */
  readonly before?: RunId;
  readonly limit: number;
}

export interface AttemptRecord {
  readonly epoch: number;
  readonly attempt: number;
  readonly worker: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** `stopped`: force-stopped by a person while it ran. */
  readonly end: "finished" | "failed" | "retry" | "snoozed" | "released" | "paused" | "lost" | "stopped";
  readonly error: ErrorRecord | undefined;
  readonly metrics: AttemptMetrics | undefined;
  readonly code: string | undefined;
}

/** A dataset version to be recorded; the store gives it its number. */
export type NewDatasetVersion = Omit<DatasetVersion, "version" | "createdAtMs">;

/** A broken invariant, with the rows that break it. */
export interface InvariantViolation {
  /** `I1` … `I12`, see docs/reference/guarantees.md. */
  readonly invariant: string;
  readonly message: string;
}

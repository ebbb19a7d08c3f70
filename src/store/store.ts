// The store port: durable state of runs, and the protocol by which processes share it.
// Every adapter passes tests/conformance/store.ts.
import type { DatasetVersion } from "../core/dataset.ts";
import type { RunId } from "../core/run-id.ts";
import type {
  AttemptRecord,
  CheckpointVersion,
  ClaimedRun,
  Fence,
  InvariantViolation,
  Json,
  LogLine,
  NewDatasetVersion,
  NewEvent,
  NewLogLine,
  ProgressRecord,
  RunEvent,
  RunFilter,
  RunSummary,
  SettleResult,
  Settlement,
  Submission,
  SubmitResult,
  UnitRecord,
  WorkerId,
  WorkerProcess,
  WorkerRegistration,
} from "./run-records.ts";

/**
 * A live run is in exactly one of the hot tables `waiting`, `scheduled`, `ready`, `parked`, `lease`; a finished one in `outcome`.
 * Each method is one transaction: after it resolves its effect survives the loss of the process and, on a machine
 * that keeps its promises about flushing, of power.
 */
export interface Store extends AsyncDisposable {
  readonly dialect: "sqlite";

  // Work comes in.
  /** @throws MillraceError `VALUE_INVALID` | `PARAMS_INVALID` (above 1 MiB) | `PIPELINE_CYCLE`; then nothing is written */
  submit(submission: Submission): Promise<SubmitResult>;

  // Workers come and go.
  registerWorker(registration: WorkerRegistration): Promise<WorkerId>;
  /** Keeps the worker alive from a thread and connection of its own, whatever the main thread does. */
  startHeartbeat(options: HeartbeatOptions): Heartbeat;
  /** Takes the worker out of service; runs it still holds become ready at once. */
  retireWorker(workerId: WorkerId): Promise<void>;
  /** Workers in service, for finding out which of this host are dead. */
  listWorkers(): Promise<readonly { workerId: WorkerId; name: string; process: WorkerProcess; expiresAtMs: number }[]>;

  // Runs move.
  /**
   * Leases up to `limit` ready runs in order of (priority, seq). Empty for a worker that is not in service.
   * Takes job runs of `jobs` only, so that a process without a job's code leaves its runs to others; pipeline runs need none.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedRun[]>;
  /** Ends leases and, in the same transaction, wakes or ends dependants. */
  settle(settlements: readonly Settlement[]): Promise<SettleResult>;
  /** Moves due scheduled runs to ready. @returns how many */
  promote(limit: number): Promise<number>;
  /** Makes runs of expired or named dead workers ready again; one that was lost `maxLosses` times ends ERROR (lost). */
  reap(request: { limit: number; deadWorkerIds: readonly WorkerId[]; maxLosses: number }): Promise<readonly RunId[]>;
  /** When the next scheduled run is due, or `undefined`. */
  nextDueAtMs(): Promise<number | undefined>;
  /** Which of these leases still hold. */
  heldFences(fences: readonly Fence[]): Promise<readonly Fence[]>;

  // A run writes down where it is. All fenced: they throw RUN_LOST and write nothing when the lease is gone.
  saveCheckpoint(fence: Fence, data: Json): Promise<void>;
  saveUnits(fence: Fence, units: readonly UnitRecord[]): Promise<void>;
  saveStep(fence: Fence, name: string, value: Json): Promise<void>;
  appendEvents(fence: Fence, events: readonly NewEvent[]): Promise<void>;
  /** Records a published version. A run records the same dataset at most once: a repetition returns the first. */
  recordDataset(fence: Fence, version: NewDatasetVersion): Promise<DatasetVersion>;

  // Low-value writes: not fenced, batched by the caller.
  appendLogs(lines: readonly NewLogLine[]): Promise<void>;
  recordProgress(records: readonly ProgressRecord[]): Promise<void>;

  // Reads. Lists are keyset pages; none counts.
  findRun(runId: RunId): Promise<RunSummary | undefined>;
  listRuns(filter: RunFilter): Promise<readonly RunSummary[]>;
  /** The run with that job name that this one depends on, directly or through others, within the same root. */
  findUpstream(runId: RunId, job: string): Promise<RunSummary | undefined>;
  /** Counts of a run's children by state; the number of children is bounded by one submission. */
  countChildren(runId: RunId): Promise<Readonly<Partial<Record<RunSummary["state"], number>>>>;
  listEdges(parentRunId: RunId): Promise<readonly { from: RunId; to: RunId }[]>;
  listEvents(runId: RunId, afterSeq: number, limit: number): Promise<readonly RunEvent[]>;
  listLogs(runId: RunId, afterSeq: number, limit: number): Promise<readonly LogLine[]>;
  listAttempts(runId: RunId): Promise<readonly AttemptRecord[]>;
  /** Newest first, at most three versions. */
  loadCheckpoints(runId: RunId): Promise<readonly CheckpointVersion[]>;
  loadUnits(runId: RunId): Promise<readonly UnitRecord[]>;
  loadStep(runId: RunId, name: string): Promise<{ readonly value: Json } | undefined>;
  findDataset(name: string, version?: number): Promise<DatasetVersion | undefined>;
  listDatasets(): Promise<readonly DatasetVersion[]>;
  listDatasetVersions(
    name: string,
    beforeVersion: number | undefined,
    limit: number,
  ): Promise<readonly DatasetVersion[]>;

  /** Checks the invariants of docs/guarantees.md with queries alone. */
  verify(): Promise<readonly InvariantViolation[]>;
}

export interface ClaimRequest {
  readonly workerId: WorkerId;
  readonly limit: number;
  /** Names of the jobs that the worker has the code of. Default: all. */
  readonly jobs?: ReadonlySet<string>;
}

export interface HeartbeatOptions {
  readonly workerId: WorkerId;
  readonly ttlMs: number;
  /** Declared wedged, and no longer kept alive, when the main thread did not run for this long. */
  readonly wedgedAfterMs: number;
  /** The store no longer counts the worker as alive: its runs may already be elsewhere. */
  readonly onLost: () => void;
}

export interface Heartbeat extends AsyncDisposable {
  readonly workerId: WorkerId;
}

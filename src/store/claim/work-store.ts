// Defines how work moves: into the store, to workers, and to its end. It is the busiest part of the store port.
import type { ReapRequest } from "../settle/reap.ts";
import type { StoreChange } from "../rows/change-emitter.ts";
import type { RunId } from "../../core/run-id.ts";
import type {
  ClaimedRun,
  Fence,
  Settlement,
  SettleResult,
  Submission,
  SubmitResult,
  WorkerId,
  WorkerProcess,
  WorkerRegistration,
} from "../rows/run-records.ts";

export interface WorkStore {
  // Work comes in.
  /** @throws MillraceError `VALUE_INVALID` | `PARAMS_INVALID` (above 1 MiB) | `PIPELINE_CYCLE`; then nothing is written */
  submit(submission: Submission): Promise<SubmitResult>;
  /**
   * Submits once per name in the life of a run: another attempt gets the run that the first one made.
   * @throws MillraceError `RUN_LOST` | `SPAWN_CYCLE` when a run of the same job and params is among those that led here
   */
  spawn(fence: Fence, name: string, submission: Submission): Promise<SubmitResult>;

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
   * Leases up to `limit` ready runs in order of priority, then fairly among tenants, then first come first served, as far
   * as the limits of their gates allow. Empty for a worker that is not in service and while the orchestrator is stopped.
   * Takes job runs of `jobs` only, so that a process without a job's code leaves its runs to others; pipeline runs need none.
   * Runs that are bound to another worker are left to it as long as it is in service.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedRun[]>;
  /** Ends leases and, in the same transaction, wakes or ends dependants. */
  settle(settlements: readonly Settlement[]): Promise<SettleResult>;
  /** Moves due scheduled runs to ready. @returns how many */
  promote(limit: number): Promise<number>;
  /**
   * Makes runs of expired or named dead workers ready again. A run that was alone aboard when `maxLosses` workers died ends
   * ERROR (lost); a death with others aboard says nothing about any of them and never ends one.
   */
  reap(request: ReapRequest): Promise<readonly RunId[]>;
  /**
   * In how many ms the next scheduled run is due, by the clock of the store; 0 when `promote` has something to do, `undefined`
   * when nothing is scheduled.
   */
  nextDueInMs(): Promise<number | undefined>;
  /** Forgets that workers died with the run, since it has made progress. @throws MillraceError `RUN_LOST` */
  forgetLosses(fence: Fence): Promise<void>;
  /** Which of these leases still hold. */
  heldFences(fences: readonly Fence[]): Promise<readonly Fence[]>;

  /**
   * Calls `listener` soon after work or requests came in, from this process or, as far as the adapter can, from another.
   * A hint: it may come late, twice or never, so a poll must find everything without it.
   */
  subscribe(listener: (hint: StoreChange) => void): Disposable;
}

export interface ClaimRequest {
  readonly workerId: WorkerId;
  readonly limit: number;
  /** Names of the jobs that the worker has the code of. Default: all. */
  readonly jobs?: ReadonlySet<string>;
  /** Leave all runs that are not bound to this worker to others. Default: those too that are bound to none. */
  readonly onlyBound?: boolean;
  /** Tenant that this worker served last; among tenants with equal shares the one after it comes first. */
  readonly afterTenant?: string;
  /**
   * All that the worker executes now. What else it holds came from a claim whose answer it never got: that is given back
   * first, without counting the attempt. Default: nothing is given back.
   */
  readonly executing?: readonly Fence[];
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

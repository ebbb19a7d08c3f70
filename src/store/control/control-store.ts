// What people ask of runs, jobs and the whole orchestrator. Everything goes through the store, so any process may ask.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, WorkerId } from "../rows/run-records.ts";

export interface ControlStore {
  /**
   * Applies an action to a run with all its children, or to a job with all its unfinished runs.
   * What no worker holds changes at once; runs that execute are asked, and `listRequests` tells their workers.
   * @throws MillraceError `RUN_UNKNOWN` | `TRANSITION_INVALID` (naming the allowed states) when it fits not one of the runs
   */
  control(request: ControlRequest): Promise<ControlResult>;
  /** Open requests to the runs that a worker holds. */
  listRequests(workerId: WorkerId): Promise<readonly RunRequest[]>;
  /** Jobs that are paused as a whole. */
  listPausedJobs(): Promise<readonly PausedJob[]>;

  /** `start` lets workers claim, `stop` lets them finish what they have, `emergency_stop` also force-stops all that execute. */
  switchOrchestrator(request: OrchestratorRequest): Promise<OrchestratorState>;
  orchestratorState(): Promise<OrchestratorState>;

  /** Sets capacities of gates; `undefined` removes a limit. Gates that are not named keep theirs. @throws MillraceError `VALUE_INVALID` | `VERSION_CONFLICT` */
  setLimits(limits: readonly LimitChange[]): Promise<void>;
  listLimits(): Promise<readonly LimitState[]>;
  /** Runs that hold a slot of each gate, by id, at most `limit` of each; gates that nobody holds are left out. */
  listHolders(gates: readonly string[], limit: number): Promise<ReadonlyMap<string, readonly RunId[]>>;
}

/**
 * `pause` parks what waits and asks what executes to yield at its next checkpoint · `resume` puts back what was parked ·
 * `stop` ends what waits and aborts what executes: ERROR (stopped) · `force_stop` ends all at once, whatever the handler does:
 * ERROR (force_stopped) · `force_start` makes a run ready now, ahead of all others, whatever it waits for ·
 * `rerun` gives a failed run, or the failed members of a pipeline run, another try.
 */
export type ControlAction = "pause" | "resume" | "stop" | "force_stop" | "force_start" | "rerun";

export interface ControlRequest {
  readonly action: ControlAction;
  /** A run with its children; or, for `pause`, `resume`, `stop` and `force_stop`, a job or pipeline by name. */
  readonly target: { readonly runId: RunId } | { readonly job: string };
  readonly by: string;
  readonly reason?: string;
}

export interface ControlResult {
  /** How many runs changed at once. */
  readonly changed: number;
  /** How many executing runs were asked. */
  readonly requested: number;
}

/** Asked of a run that executes. A run whose lease is gone (force-stopped, for one) is not listed: `heldFences` tells. */
export interface RunRequest extends Fence {
  readonly action: "pause" | "stop";
  readonly by: string;
  readonly reason: string | undefined;
}

export interface PausedJob {
  readonly job: string;
  readonly by: string;
  readonly reason: string | undefined;
  readonly atMs: number;
}

export interface OrchestratorRequest {
  readonly action: "start" | "stop" | "emergency_stop";
  readonly by: string;
  readonly reason?: string;
}

export interface OrchestratorState {
  readonly claiming: boolean;
  readonly by: string;
  readonly reason: string | undefined;
  readonly atMs: number;
  /** Runs that an emergency stop just ended. */
  readonly stopped: number;
}

export interface LimitChange {
  readonly gate: string;
  readonly capacity: number | undefined;
  /** What the caller saw, null for no limit: when it is another by now, nothing is changed and it throws `VERSION_CONFLICT`. */
  readonly seenCapacity?: number | null;
}

/** A gate: `job:<name>`, `pool:<name>`, `connection:<name>` or `tenant:<name>`. */
export interface LimitState {
  readonly gate: string;
  /** Runs that may execute at once; `undefined` without a limit. */
  readonly capacity: number | undefined;
  /** Runs that hold a slot now. */
  readonly held: number;
  /** Nothing passes before this time: an open breaker or a rate limit. */
  readonly blockedUntilMs: number | undefined;
}

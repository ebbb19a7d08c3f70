// Decides which runs of a stream job are missing: pure, so that any number of processes may decide the same at once.
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Replicas } from "../../core/stream/job-stream.ts";

/** A run of the job, as its history has it. */
export interface ReplicaRun {
  readonly runId: RunId;
  /** Its number among those that share the work. */
  readonly replica: number;
  readonly state: RunState;
  readonly reason: RunReason | undefined;
  readonly finishedAtMs: number | undefined;
  /** Whether it handled a record. */
  readonly hasProgress: boolean;
}

export interface ReplicaSight {
  readonly replicas: Replicas;
  /** Of its topics; more runs than that would have nothing to do. */
  readonly partitions: number;
  /** Records that wait for the group. */
  readonly lag: number;
  /** Newest first. */
  readonly runs: readonly ReplicaRun[];
  readonly nowMs: number;
}

export interface ReplicaPlan {
  /** Numbers of those to be started now. */
  readonly start: readonly number[];
  /** Runs that failed so often in a row, without having handled a record, that they are not started again. */
  readonly crashed: readonly { readonly replica: number; readonly runId: RunId; readonly failures: number }[];
}

/** As many failures in a row stop a replica. */
export const maxCrashes = 10;
const firstRestMs = 1_000;
const longestRestMs = 300_000;

/** What is to be done. A run that a person stopped stays stopped until a person starts it. */
export function decideReplicas({ replicas, partitions, lag, runs, nowMs }: ReplicaSight): ReplicaPlan {
  const byReplica = Map.groupBy(runs, ({ replica }) => replica);
  const start: number[] = [];
  const crashed: { replica: number; runId: RunId; failures: number }[] = [];
  for (let replica = 0; replica < wanted(replicas, partitions, lag); replica += 1) {
    const own = byReplica.get(replica) ?? [];
    const [newest] = own;
    if (newest === undefined) start.push(replica);
    if (newest === undefined || !hasEnded(newest) || isStopped(newest)) continue;
    const failures = countFailures(own);
    if (failures >= maxCrashes) crashed.push({ replica, runId: newest.runId, failures });
    else if (nowMs >= (newest.finishedAtMs ?? 0) + restMs(failures)) start.push(replica);
  }
  return { start, crashed };
}

function wanted({ min, max, lagPerReplica }: Replicas, partitions: number, lag: number): number {
  if (lagPerReplica === undefined) return min;
  return Math.max(min, Math.min(max, partitions, Math.ceil(lag / lagPerReplica)));
}

function hasEnded({ state }: ReplicaRun): boolean {
  return state === "FINISHED" || state === "ERROR";
}

function isStopped({ reason }: ReplicaRun): boolean {
  return reason === "stopped" || reason === "force_stopped" || reason === "cancelled";
}

/** In a row, from the newest on. One that handled a record before it failed is no crash, but waits as the first does. */
function countFailures(runs: readonly ReplicaRun[]): number {
  const end = runs.findIndex((run) => run.state !== "ERROR" || isStopped(run) || run.hasProgress);
  return end === -1 ? runs.length : end;
}

function restMs(failures: number): number {
  return Math.min(longestRestMs, firstRestMs * 2 ** Math.max(0, failures - 1));
}

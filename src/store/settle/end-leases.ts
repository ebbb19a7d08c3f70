// Takes runs out of `lease` and writes down how those attempts ended. What becomes of the runs is the caller's next step.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { AttemptMetrics, AttemptRecord, WorkerId } from "../rows/run-records.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";
import { encodeError } from "../rows/encode-error.ts";
import type { HotRun } from "../rows/hot-runs.ts";

/** A lease as it was, with the worker that held it. */
export interface Lease extends HotRun {
  readonly workerId: WorkerId;
  readonly startedAtMs: number;
}

/** Select or returning list that yields a `Lease`. */
export const leaseColumns = `lease.run_id as "runId", lease.lane_id as "laneId", lease.priority, lease.epoch, lease.attempt,
  lease.has_children as "hasChildren", lease.worker_id as "workerId", lease.started_at as "startedAtMs"`;

/** A lease and how its attempt ended. */
export interface EndedLease {
  readonly lease: Lease;
  readonly end: AttemptRecord["end"];
  readonly error?: ErrorRecord | undefined;
  readonly metrics?: AttemptMetrics | undefined;
  readonly code?: string | undefined;
}

/** What people had asked of a run when its lease ended. */
export interface EndedRequest {
  readonly runId: HotRun["runId"];
  readonly action: "pause" | "stop";
  readonly pausedBy: string;
  readonly cause: "run" | "job";
  readonly reason: string | null;
}

/**
 * The caller has locked these leases and looked at their epochs. Deletes them with their slots and requests, and writes
 * one row for each attempt. @returns the requests
 */
export function* endLeases(ended: readonly EndedLease[], nowMs: number): Script<readonly EndedRequest[]> {
  if (ended.length === 0) return [];
  const ids = idList(ended.map(({ lease }) => lease.runId));
  yield* run("delete from lease where run_id in (ids ?)", ids);
  yield* run("delete from slot where run_id in (ids ?)", ids);
  const requests = yield* all<EndedRequest>(
    `delete from request where run_id in (ids ?)
    returning run_id as "runId", action, requested_by as "pausedBy", cause, reason`,
    ids,
  );
  yield* run(
    `insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end", error, metrics, code)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'epoch' as int), cast(r.value ->> 'attempt' as int),
      cast(r.value ->> 'worker' as bigint), cast(r.value ->> 'started' as bigint), cast(? as bigint), r.value ->> 'end',
      r.value ->> 'error', r.value ->> 'metrics', r.value ->> 'code' from (rows ?) r`,
    nowMs,
    rowList(
      ended.map(({ lease, end, error, metrics, code }) => ({
        run: lease.runId,
        epoch: lease.epoch,
        attempt: lease.attempt,
        worker: lease.workerId,
        started: lease.startedAtMs,
        end,
        error: error === undefined ? null : encodeError(error),
        metrics: metrics === undefined ? null : JSON.stringify(metrics),
        code: code ?? null,
      })),
    ),
  );
  return requests;
}

/** The run as it goes on when the attempt does not count. */
export function withoutAttempt<Run extends HotRun>(hot: Run): Run {
  return { ...hot, attempt: hot.attempt - 1 };
}

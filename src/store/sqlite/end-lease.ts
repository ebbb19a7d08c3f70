// Takes a run out of `lease` and writes down how that attempt ended. What becomes of the run is the caller's next step.
import type { ErrorRecord } from "../../core/errors.ts";
import type { AttemptRecord, Fence, WorkerId } from "../run-records.ts";
import type { Connection } from "./connection.ts";
import { encodeError } from "./encode-error.ts";
import { hotColumns, type HotRun } from "./hot-run.ts";

/** A lease as it was, with the worker that held it. */
export interface Lease extends HotRun {
  readonly workerId: WorkerId;
  readonly startedAtMs: number;
}

/** Select or returning list that yields a `Lease`. */
export const leaseColumns: string = `${hotColumns}, worker_id as workerId, started_at as startedAtMs`;

/** Deletes the lease if it still has this epoch. @returns `undefined` when it is gone: the run is lost to the caller */
export function takeLease(db: Connection, { runId, epoch }: Fence): Lease | undefined {
  return db.get<Lease>(`delete from lease where run_id = ? and epoch = ? returning ${leaseColumns}`, runId, epoch);
}

/** One row for each claim, written when it ends. */
export function logAttempt(
  db: Connection,
  lease: Lease,
  end: AttemptRecord["end"],
  error: ErrorRecord | undefined,
  nowMs: number,
): void {
  const sql = `insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, end, error)
    values (?, ?, ?, ?, ?, ?, ?, ?)`;
  const errorJson = error === undefined ? null : encodeError(error);
  db.run(sql, lease.runId, lease.epoch, lease.attempt, lease.workerId, lease.startedAtMs, nowMs, end, errorJson);
}

/** The run as it goes on when the attempt does not count. */
export function withoutAttempt(lease: Lease): HotRun {
  return { ...lease, attempt: lease.attempt - 1 };
}

// What travels with a live run from one hot table to the next, and the inserts into those tables.
import type { RunId } from "../../core/run-id.ts";
import type { Connection } from "./connection.ts";

/** The columns that all hot tables share. */
export interface HotRun {
  readonly runId: RunId;
  readonly priority: number;
  /** Fencing number; grows by one at each claim and never goes back. */
  readonly epoch: number;
  /** Tries that count for the retry policy. */
  readonly attempt: number;
  /** 1 when other runs wait for this one, so that those without dependants never read `edge`. */
  readonly hasChildren: number;
}

/** Select or returning list of a hot table that yields a `HotRun`. */
export const hotColumns = "run_id as runId, priority, epoch, attempt, has_children as hasChildren";

export type ScheduledReason = "scheduled" | "waiting_retry" | "waiting_poll";

/**
 * Puts a run at the end of its priority's queue. Two b-trees: primary key and ready_order.
 * `seq` orders only what is in the table at the time, so the greatest of the priority plus one will do; the
 * maximum is one seek in ready_order.
 */
export function insertReady(db: Connection, run: HotRun): void {
  const sql = `insert into ready (run_id, priority, seq, epoch, attempt, has_children)
    values (?, ?, (select coalesce(max(seq), 0) + 1 from ready where priority = ?), ?, ?, ?)`;
  db.run(sql, run.runId, run.priority, run.priority, run.epoch, run.attempt, run.hasChildren);
}

/** Sets a run aside until `runAtMs`. Two b-trees: primary key and scheduled_due. */
export function insertScheduled(db: Connection, run: HotRun, runAtMs: number, reason: ScheduledReason): void {
  const sql = `insert into scheduled (run_id, run_at, reason, priority, epoch, attempt, has_children)
    values (?, ?, ?, ?, ?, ?, ?)`;
  db.run(sql, run.runId, runAtMs, reason, run.priority, run.epoch, run.attempt, run.hasChildren);
}

/** Makes a run ready, or scheduled when its time has not come. @returns whether it is ready */
export function insertReadyOrScheduled(
  db: Connection,
  run: HotRun,
  runAtMs: number | undefined,
  nowMs: number,
): boolean {
  if (runAtMs === undefined || runAtMs <= nowMs) {
    insertReady(db, run);
    return true;
  }
  insertScheduled(db, run, runAtMs, "scheduled");
  return false;
}

// Moves runs whose time has come from `scheduled` to `ready`, oldest first, along the index scheduled_due.
import type { Connection } from "./connection.ts";
import { hotColumns, type HotRun, insertReady } from "./hot-run.ts";

/** When the next run is due, or `undefined`; one seek. */
export function nextDueAtMs(db: Connection): number | undefined {
  return db.get<{ dueAtMs: number | null }>("select min(run_at) as dueAtMs from scheduled")?.dueAtMs ?? undefined;
}

/** One transaction of at most `limit` moves. @returns how many */
export function promote(db: Connection, limit: number, nowMs: number): number {
  const select = `select ${hotColumns} from scheduled where run_at <= ? order by run_at, run_id limit ?`;
  const due = db.all<HotRun>(select, nowMs, Math.max(0, limit));
  for (const run of due) {
    db.run("delete from scheduled where run_id = ?", run.runId);
    insertReady(db, run);
  }
  return due.length;
}

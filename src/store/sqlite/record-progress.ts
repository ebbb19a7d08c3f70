// How far running jobs are. One row a run, overwritten; a late report never replaces a newer one.
import type { ProgressRecord } from "../run-records.ts";
import type { Connection } from "./connection.ts";

/** Keeps the newest report of each run. */
export function recordProgress(db: Connection, records: readonly ProgressRecord[]): void {
  const sql = `insert into progress (run_id, done, total, operation, at) values (?, ?, ?, ?, ?)
    on conflict (run_id)
    do update set done = excluded.done, total = excluded.total, operation = excluded.operation, at = excluded.at
    where excluded.at >= progress.at`;
  for (const { runId, done, total, operation, atMs } of records) {
    db.run(sql, runId, done ?? null, total ?? null, operation ?? null, atMs);
  }
}

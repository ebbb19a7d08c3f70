// Adds to a run's history. `seq` is dense per run, because it is taken from the table inside the write transaction.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, Json, NewEvent } from "../run-records.ts";
import { assertLease } from "./assert-lease.ts";
import type { Connection } from "./connection.ts";

/** One seek to the end of the run's events and one insert beside it. */
export function appendEvent(db: Connection, runId: RunId, type: string, data: Json | undefined, nowMs: number): void {
  const sql = `insert into event (run_id, seq, type, data, at)
    select ?, coalesce(max(seq), 0) + 1, ?, ?, ? from event where run_id = ?`;
  db.run(sql, runId, type, data === undefined ? null : JSON.stringify(data), nowMs, runId);
}

/** Events that a handler reports. @throws MillraceError `RUN_LOST` */
export function appendEvents(db: Connection, fence: Fence, events: readonly NewEvent[], nowMs: number): void {
  assertLease(db, fence);
  for (const event of events) appendEvent(db, fence.runId, event.type, event.data, nowMs);
}

// Results of a run's steps; the first that was accepted stays.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, Json } from "../run-records.ts";
import { assertLease } from "./assert-lease.ts";
import type { Connection } from "./connection.ts";

/** Remembers a step's result. @throws MillraceError `RUN_LOST` */
export function saveStep(db: Connection, fence: Fence, name: string, value: Json, nowMs: number): void {
  assertLease(db, fence);
  const sql = "insert into step (run_id, name, value, epoch, at) values (?, ?, ?, ?, ?) on conflict do nothing";
  db.run(sql, fence.runId, name, JSON.stringify(value), fence.epoch, nowMs);
}

/** The result in an object, because it may be null; `undefined` when the step has not run. */
export function loadStep(db: Connection, runId: RunId, name: string): { readonly value: Json } | undefined {
  const row = db.get<{ value: string }>("select value from step where run_id = ? and name = ?", runId, name);
  return row === undefined ? undefined : { value: JSON.parse(row.value) as Json };
}

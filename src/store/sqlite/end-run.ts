// Ends a run: writes its outcome and frees its key. The caller has deleted it from its hot table and wakes who waits.
import type { ErrorRecord } from "../../core/errors.ts";
import type { RunReason } from "../../core/run-state.ts";
import type { Json } from "../run-records.ts";
import type { Connection } from "./connection.ts";
import { encodeError } from "./encode-error.ts";
import type { HotRun } from "./hot-run.ts";

export interface RunEnd {
  readonly state: "FINISHED" | "ERROR";
  readonly reason?: RunReason | undefined;
  readonly result?: Json | undefined;
  readonly error?: ErrorRecord | undefined;
}

/** Three b-tree inserts at most; the primary key of `outcome` refuses a second end. */
export function endRun(db: Connection, run: HotRun, end: RunEnd, nowMs: number): void {
  const sql = `insert into outcome (run_id, state, reason, epoch, attempt, result, error, finished_at)
    values (?, ?, ?, ?, ?, ?, ?, ?)`;
  const json = [encode(end.result), end.error === undefined ? null : encodeError(end.error)];
  db.run(sql, run.runId, end.state, end.reason ?? null, run.epoch, run.attempt, ...json, nowMs);
  db.run("delete from run_key where run_id = ?", run.runId);
}

function encode(value: Json | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

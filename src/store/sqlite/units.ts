// Outcomes of a run's units, so that its next attempt does only what is not done.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, UnitRecord } from "../run-records.ts";
import { assertLease } from "./assert-lease.ts";
import type { Connection } from "./connection.ts";

/** Writes the newest outcome of each unit. @throws MillraceError `RUN_LOST` */
export function saveUnits(db: Connection, fence: Fence, units: readonly UnitRecord[], nowMs: number): void {
  assertLease(db, fence);
  const sql = `insert into unit (run_id, unit_key, state, error, epoch, at) values (?, ?, ?, ?, ?, ?)
    on conflict (run_id, unit_key)
    do update set state = excluded.state, error = excluded.error, epoch = excluded.epoch, at = excluded.at`;
  for (const { key, state, error } of units) {
    db.run(sql, fence.runId, key, state, error ?? null, fence.epoch, nowMs);
  }
}

/** All units of the run, by key. */
export function loadUnits(db: Connection, runId: RunId): UnitRecord[] {
  const sql = "select unit_key as key, state, error from unit where run_id = ? order by unit_key";
  const rows = db.all<{ key: string; state: UnitRecord["state"]; error: string | null }>(sql, runId);
  return rows.map(({ key, state, error }) => (error === null ? { key, state } : { key, state, error }));
}

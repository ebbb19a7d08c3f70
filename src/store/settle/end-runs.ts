// Ends runs: writes their outcomes and frees their keys. The caller has taken them out of their hot tables, which only one
// transaction can, and wakes who waits.
import { fingerprintError } from "../../core/errors/error-fingerprint.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RunReason } from "../../core/job/run-state.ts";
import type { Json } from "../rows/run-records.ts";
import { idList, rowList, run, type Script } from "../rows/script.ts";
import { encodeError } from "../rows/encode-error.ts";
import { hotFields, type HotRun, hotTargets, toRow } from "../rows/hot-runs.ts";

export interface RunEnd {
  readonly run: HotRun;
  readonly state: "FINISHED" | "ERROR";
  readonly reason?: RunReason | undefined;
  readonly result?: Json | undefined;
  readonly error?: ErrorRecord | undefined;
}

/** Two statements. The primary key of `outcome` refuses a second end. */
export function* endRuns(ends: readonly RunEnd[], nowMs: number): Script<void> {
  if (ends.length === 0) return;
  const rows = ends.map(({ run: hot, state, reason, result, error }) => ({
    ...toRow(hot),
    state,
    reason: reason ?? null,
    result: result === undefined ? null : JSON.stringify(result),
    error: error === undefined ? null : encodeError(error),
    fingerprint: error === undefined ? null : fingerprintError(error),
  }));
  yield* run(
    `insert into outcome (${hotTargets}, state, reason, result, error, finished_at, fingerprint, failed_root)
    select ${hotFields}, r.value ->> 'state', r.value ->> 'reason', r.value ->> 'result', r.value ->> 'error',
      cast(? as bigint), r.value ->> 'fingerprint', case r.value ->> 'state' when 'ERROR' then
        (select case when run.parent_run_id is null then 1 else 0 end from run where run.id = cast(r.value ->> 'run' as bigint)) end
    from (rows ?) r`,
    nowMs,
    rowList(rows),
  );
  yield* run("delete from run_key where run_id in (ids ?)", idList(rows.map((row) => row.run)));
}

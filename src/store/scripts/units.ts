// Outcomes of a run's units, so that its next attempt does only what is not done.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, UnitRecord } from "../run-records.ts";
import { all, rowList, run, type Script } from "../script.ts";
import { assertLease } from "./fence.ts";

/** Writes the newest outcome of each unit. @throws MillraceError `RUN_LOST` */
export function* saveUnits(fence: Fence, units: readonly UnitRecord[], nowMs: number): Script<void> {
  yield* assertLease(fence);
  // One statement may write a row once: of two outcomes of a key the later one counts.
  const newest = new Map(units.map((unit) => [unit.key, unit]));
  yield* run(
    `insert into unit (run_id, unit_key, state, error, epoch, at)
    select cast(? as bigint), r.value ->> 'key', r.value ->> 'state', r.value ->> 'error', cast(? as int), cast(? as bigint)
    from (rows ?) r where true on conflict (run_id, unit_key)
    do update set state = excluded.state, error = excluded.error, epoch = excluded.epoch, at = excluded.at`,
    fence.runId,
    fence.epoch,
    nowMs,
    rowList([...newest.values()].map(({ key, state, error }) => ({ key, state, error: error ?? null }))),
  );
}

/** All units of the run, by key. */
export function* loadUnits(runId: RunId): Script<UnitRecord[]> {
  const sql = "select unit_key as key, state, error from unit where run_id = ? order by unit_key";
  const rows = yield* all<{ key: string; state: UnitRecord["state"]; error: string | null }>(sql, runId);
  return rows.map(({ key, state, error }) => (error === null ? { key, state } : { key, state, error }));
}

export interface UnitsRequest {
  readonly runId: RunId;
  readonly state?: UnitRecord["state"];
  readonly afterKey?: string;
  readonly limit: number;
}

/** In order of their keys, after one of them; an index has the failed ones, which are few among many. */
export function* listUnits({
  runId,
  state,
  afterKey = "",
  limit,
}: UnitsRequest): Script<readonly { key: string; state: UnitRecord["state"]; error: string | undefined }[]> {
  // In the text, so that the index of failed units fits.
  const wanted = state === undefined ? "" : state === "failed" ? "and state = 'failed'" : "and state = 'done'";
  const rows = yield* all<{ key: string; state: UnitRecord["state"]; error: string | null }>(
    `select unit_key as key, state, error from unit where run_id = ? and unit_key > ? ${wanted} order by unit_key limit ?`,
    runId,
    afterKey,
    Math.max(0, limit),
  );
  return rows.map(({ error, ...unit }) => ({ ...unit, error: error ?? undefined }));
}

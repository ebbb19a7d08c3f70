// Outcomes of a run's units, so that its next attempt does only what is not done.
import type { RunId } from "../../core/run-id.ts";
import type { Fence, UnitRecord } from "../rows/run-records.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";
import { assertLease } from "../rows/fence.ts";

/** Writes the newest outcome of each unit. @throws MillraceError `RUN_LOST` */
export function* saveUnits(fence: Fence, units: readonly UnitRecord[], nowMs: number): Script<void> {
  yield* assertLease(fence);
  // One statement may write a row once: of two outcomes of a unit the later one counts.
  const newest = new Map(units.map((unit) => [JSON.stringify([unit.loop, unit.key]), unit]));
  yield* run(
    `insert into unit (run_id, loop, unit_key, state, error, epoch, at)
    select cast(? as bigint), r.value ->> 'loop', r.value ->> 'key', r.value ->> 'state', r.value ->> 'error',
      cast(? as int), cast(? as bigint)
    from (rows ?) r where true on conflict (run_id, loop, unit_key)
    do update set state = excluded.state, error = excluded.error, epoch = excluded.epoch, at = excluded.at`,
    fence.runId,
    fence.epoch,
    nowMs,
    rowList(
      [...newest.values()].map(({ loop = "", key, state, error }) => ({ loop, key, state, error: error ?? null })),
    ),
  );
}

/** Units of the run, by loop and key: of all loops, or those that count in one. A range of the primary key. */
export function* loadUnits(runId: RunId, loop?: string): Script<UnitRecord[]> {
  const sql = `select loop, unit_key as key, state, error from unit where run_id = ? ${loop === undefined ? "" : "and loop in ('', ?)"}
    order by loop, unit_key`;
  return (yield* all<UnitRow>(sql, runId, ...(loop === undefined ? [] : [loop]))).map(toRecord);
}

export interface UnitsRequest {
  readonly runId: RunId;
  readonly state?: UnitRecord["state"];
  /** The last one of the page before. */
  readonly after?: Pick<UnitRecord, "loop" | "key">;
  readonly limit: number;
}

/** In order of loops and keys, a range of an index: of the primary key, or of the one that has the few that failed. */
export function* listUnits({ runId, state, after, limit }: UnitsRequest): Script<readonly UnitRecord[]> {
  // In the text, so that the index of failed units fits.
  const wanted = state === undefined ? "" : state === "failed" ? "and state = 'failed'" : "and state = 'done'";
  const rows = yield* all<UnitRow>(
    `select loop, unit_key as key, state, error from unit where run_id = ? and (loop, unit_key) > (?, ?) ${wanted}
    order by loop, unit_key limit ?`,
    runId,
    after?.loop ?? "",
    after?.key ?? "",
    Math.max(0, limit),
  );
  return rows.map(toRecord);
}

interface UnitRow {
  readonly loop: string;
  readonly key: string;
  readonly state: UnitRecord["state"];
  readonly error: string | null;
}

function toRecord({ loop, key, state, error }: UnitRow): UnitRecord {
  return { ...(loop === "" ? {} : { loop }), key, state, ...(error === null ? {} : { error }) };
}

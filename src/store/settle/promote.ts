// Moves runs whose time has come from `scheduled` to `ready`, oldest first, along the index scheduled_due. Goes on, too, with
// ends that were too wide for one transaction.
import { all, idList, one, run, type Script } from "../rows/script.ts";
import { type HotRun, hotColumns, insertReady } from "../rows/hot-runs.ts";
import { continueFanOuts } from "./wake-dependants.ts";

/** For how long nothing is due; 0 when something is, or waits to be gone on with; `undefined` when nothing ever is. One seek. */
export function* nextDueInMs(nowMs: number): Script<number | undefined> {
  const row = yield* one<{ dueAtMs: number | null }>(
    `select case when exists (select 1 from fan_out) then 0 else (select min(run_at) from scheduled) end as "dueAtMs"`,
  );
  const dueAtMs = row?.dueAtMs ?? undefined;
  return dueAtMs === undefined ? undefined : Math.max(0, dueAtMs - nowMs);
}

/** At most `limit` moves, beside those of dependants; passes runs that another process moves. @returns how many */
export function* promote(limit: number, nowMs: number): Script<number> {
  const readied = yield* continueFanOuts(nowMs);
  const sql = `select ${hotColumns} from scheduled where run_at <= ? order by run_at, run_id limit ? for update skip locked`;
  const due = yield* all<HotRun>(sql, nowMs, Math.max(0, limit));
  if (due.length === 0) return readied;
  yield* run("delete from scheduled where run_id in (ids ?)", idList(due.map(({ runId }) => runId)));
  yield* insertReady(due);
  return readied + due.length;
}

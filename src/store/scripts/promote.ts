// Moves runs whose time has come from `scheduled` to `ready`, oldest first, along the index scheduled_due.
import { all, idList, one, run, type Script } from "../script.ts";
import { type HotRun, hotColumns, insertReady } from "./hot-runs.ts";

/** When the next run is due, or `undefined`; one seek. */
export function* nextDueAtMs(): Script<number | undefined> {
  const row = yield* one<{ dueAtMs: number | null }>(`select min(run_at) as "dueAtMs" from scheduled`);
  return row?.dueAtMs ?? undefined;
}

/** At most `limit` moves; passes runs that another process moves. @returns how many */
export function* promote(limit: number, nowMs: number): Script<number> {
  const sql = `select ${hotColumns} from scheduled where run_at <= ? order by run_at, run_id limit ? for update skip locked`;
  const due = yield* all<HotRun>(sql, nowMs, Math.max(0, limit));
  if (due.length === 0) return 0;
  yield* run("delete from scheduled where run_id in (ids ?)", idList(due.map(({ runId }) => runId)));
  yield* insertReady(due);
  return due.length;
}

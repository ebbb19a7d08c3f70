// Decides whether a window is free: schedules, backfills and retries all ask here before they fill one. What fills a
// window is known by its job, tenant, params and window; a caller that fills one locks the job's row first and keeps
// the lock to the commit.
import type { RunId } from "../../core/run-id.ts";
import type { Window } from "../../core/schedule/window.ts";
import { toParamsKey } from "./params-key.ts";
import type { PreparedSubmission } from "./prepare-submission.ts";
import type { FillResult, Json, NewRun } from "../rows/run-records.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";
import { submit } from "./submit.ts";

/** What identifies a run, with a range in place of its window. */
export interface WindowQuery {
  readonly job: string;
  readonly tenant: string;
  readonly params: Json;
  readonly range: Window;
}

export interface WindowOverview {
  readonly windows: readonly WindowRecord[];
  /** The store's time of the look: it tells which windows have ended. */
  readonly nowMs: number;
}

export interface WindowRecord {
  readonly window: Window;
  /** `other_params`: it has runs with other params alone. */
  readonly state: "unfinished" | "FINISHED" | "other_params";
}

/** A run that has a window. */
export interface WindowFill {
  readonly job: string;
  readonly tenant: string;
  readonly params: Json;
  readonly window: Window;
}

/** Nobody else fills windows of these jobs until the commit. In the order of names, so that two never wait in a circle. */
export function* lockWindows(jobs: Iterable<string>): Script<void> {
  const names = rowList([...new Set(jobs)].map((job) => ({ job })));
  yield* run(
    `insert into window_lock (job) select r.value ->> 'job' from (rows ?) r where true order by 1
    on conflict (job) do nothing`,
    names,
  );
  yield* all(
    `select w.job from (rows ?) r join window_lock w on w.job = r.value ->> 'job' order by w.job for update of w`,
    names,
  );
}

/**
 * For each of these that has one, by position, the run that fills its window: the oldest that is unfinished or FINISHED.
 * A failed or skipped run leaves its window free. One range of `run_by_window` for each.
 */
export function* findFilled(fills: readonly WindowFill[]): Script<ReadonlyMap<number, RunId>> {
  if (fills.length === 0) return new Map();
  const rows = yield* all<{ position: number; runId: RunId }>(
    `select cast(r.value ->> 'position' as int) as position, run.id as "runId"
    from (rows ?) r ordered join run on run.job = r.value ->> 'job' and run.window_from = r.value ->> 'from'
      and run.window_to = r.value ->> 'to' and run.tenant = r.value ->> 'tenant'
      and ${sameParams("r.value ->> 'key'", "r.value ->> 'params'")}
    left join outcome o on o.run_id = run.id where ${countsAsFilled} order by run.id desc`,
    rowList(fills.map((fill, position) => ({ position, ...toRow(fill) }))),
  );
  // The oldest comes last and stays.
  return new Map(rows.map(({ position, runId }) => [position, runId]));
}

/** Submits, unless one of the windows that the runs at these positions fill has a run; then nothing is written. */
export function* fillWindows(
  submission: PreparedSubmission,
  positions: readonly number[],
  nowMs: number,
): Script<FillResult> {
  const fills = positions.map((position) => toWindowFill(submission.runs[position]?.run));
  const known = fills.filter((fill) => fill !== undefined);
  yield* lockWindows(known.map(({ job }) => job));
  const filled = yield* findFilled(known);
  if (filled.size > 0)
    return { taken: known.filter((_, position) => filled.has(position)).map(({ window }) => window) };
  const [submitted] = yield* submit([submission], nowMs);
  return submitted === undefined ? { taken: [] } : { submitted, taken: [] };
}

/** What the run fills; nothing when it has no window. */
export function toWindowFill(newRun: NewRun | undefined): WindowFill | undefined {
  if (newRun?.window === undefined) return undefined;
  const { job, tenant, params, window } = newRun;
  return { job, tenant, params, window };
}

/** A range of `run_by_window`. Instants compare as text, since all have one form. */
export function* listWindows({ job, tenant, params, range }: WindowQuery, nowMs: number): Script<WindowOverview> {
  const rows = yield* all<{ from: string; to: string; finished: number; unfinished: number }>(
    `select run.window_from as "from", run.window_to as "to",
      max(case when ${sameParams("s.value ->> 'key'", "s.value ->> 'params'")} and o.state = 'FINISHED' then 1 else 0 end) as finished,
      max(case when ${sameParams("s.value ->> 'key'", "s.value ->> 'params'")} and o.run_id is null then 1 else 0 end) as unfinished
    from (rows ?) s ordered join run on run.job = s.value ->> 'job' and run.window_from >= s.value ->> 'from'
      and run.window_from < s.value ->> 'to'
    left join outcome o on o.run_id = run.id
    where run.tenant = s.value ->> 'tenant' and run.window_to <= s.value ->> 'to' and ${countsAsFilled}
    group by run.window_from, run.window_to order by run.window_from, run.window_to`,
    rowList([toRow({ job, tenant, params, window: range })]),
  );
  const windows = rows.map(({ from, to, finished, unfinished }): WindowRecord => ({
    window: { from, to },
    state: finished === 1 ? "FINISHED" : unfinished === 1 ? "unfinished" : "other_params",
  }));
  return { windows, nowMs };
}

const countsAsFilled = "(o.run_id is null or (o.state = 'FINISHED' and coalesce(o.reason, '') <> 'skipped'))";

// Runs of before version 4 have no key.
function sameParams(key: string, params: string): string {
  return `(run.params_key = ${key} or (run.params_key is null and run.params = ${params}))`;
}

function toRow({ job, tenant, params, window: { from, to } }: WindowFill): Readonly<Record<string, string>> {
  return { job, tenant, from, to, key: toParamsKey(params), params: JSON.stringify(params) };
}

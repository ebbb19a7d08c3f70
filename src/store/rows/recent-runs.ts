// The last runs of jobs and the members of pipelines, with the few facts that dots, cells and bars show.
import type { RunId } from "../../core/run-id.ts";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import { all, idList, rowList, type Script } from "./script.ts";
import { firstAttemptColumn, reasonColumn, startedColumn, stateColumn, stateJoins } from "./run-state-columns.ts";

export interface RecentRun {
  readonly runId: RunId;
  readonly job: string;
  readonly state: RunState;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  /** `rows` or `records` of its result, where it states them. */
  readonly records: number | undefined;
  readonly reason: RunReason | undefined;
}

/** Newest first by job, at most `limit` of each: one range of the index run_by_job for each job. */
export function* listRecentRuns(jobs: readonly string[], limit: number): Script<readonly RecentRun[]> {
  if (jobs.length === 0 || limit <= 0) return [];
  const runs = yield* readBriefRuns(yield* listNewestOfJobs(jobs, limit));
  return runs.map(({ parentRunId: _parentRunId, ...run }) => run);
}

/** The newest `limit` runs of each job. */
export function* listNewestOfJobs(jobs: readonly string[], limit: number): Script<readonly RunId[]> {
  const rows = yield* all<{ id: RunId }>(newestOfJobs, rowList([...new Set(jobs)].map((job) => ({ job }))), limit);
  return rows.map(({ id }) => id);
}

export interface BriefRun extends RecentRun {
  readonly parentRunId: RunId | undefined;
}

/** Those of the runs that exist, by job, newest first. */
export function* readBriefRuns(ids: readonly RunId[]): Script<readonly BriefRun[]> {
  if (ids.length === 0) return [];
  const rows = yield* all<BriefRow>(brief, idList(ids));
  const unfinished = rows.filter(({ state }) => state === null).map(({ runId }) => runId);
  const live = yield* readLive(unfinished);
  return rows.flatMap((row): BriefRun[] => {
    const state = row.state ?? live.get(row.runId)?.state;
    // Runs do not vanish between two statements that read the same state of the store.
    if (state === undefined) return [];
    return [
      {
        runId: row.runId,
        job: row.job,
        parentRunId: row.parentRunId ?? undefined,
        state,
        reason: row.reason ?? live.get(row.runId)?.reason ?? undefined,
        createdAtMs: row.createdAtMs,
        startedAtMs: live.get(row.runId)?.startedAtMs ?? row.startedAtMs ?? undefined,
        finishedAtMs: row.finishedAtMs ?? undefined,
        records: toCount(row.records),
      },
    ];
  });
}

interface BriefRow {
  readonly runId: RunId;
  readonly job: string;
  readonly parentRunId: RunId | null;
  readonly state: "FINISHED" | "ERROR" | null;
  readonly reason: RunReason | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly records: string | null;
}

const newestOfJobs = `select run.id from (rows ?) list ordered join run on run.job = list.value ->> 'job'
  and run.id >= (select min(y.id) from (select x.id from run x where x.job = list.value ->> 'job' order by x.id desc limit ?) y)`;

/** Rows or records that the result of an outcome `o` states, as text. */
export const recordsColumn = `case when o.result like '{%' then cast(coalesce(json_text(o.result) ->> 'rows',
  json_text(o.result) ->> 'records') as text) end`;

/** What a result states as a count; anything else than a plain number is left out. */
export function toCount(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

// Most runs that anybody looks at have ended; where the others are is looked up for these alone.
const brief = `select r.id as "runId", r.job, r.parent_run_id as "parentRunId", o.state, o.reason, r.created_at as "createdAtMs",
  coalesce(ps.started_at, case when r.kind = 'job' and o.run_id is not null then ${firstAttemptColumn} end) as "startedAtMs", o.finished_at as "finishedAtMs", ${recordsColumn} as records
  from run r left join outcome o on o.run_id = r.id
  left join pipeline_start ps on r.kind = 'pipeline' and ps.run_id = r.id
  where r.id in (ids ?) order by r.job, r.id desc`;

interface LiveRow {
  readonly runId: RunId;
  readonly state: RunState;
  readonly reason: RunReason | null;
  readonly startedAtMs: number | null;
}

function* readLive(ids: readonly RunId[]): Script<ReadonlyMap<RunId, LiveRow>> {
  if (ids.length === 0) return new Map();
  const rows = yield* all<LiveRow>(
    `select r.id as "runId", ${stateColumn} as state, ${reasonColumn} as reason, ${startedColumn} as "startedAtMs"
    from run r ${stateJoins} where r.id in (ids ?)`,
    idList(ids),
  );
  return new Map(rows.map((row) => [row.runId, row]));
}

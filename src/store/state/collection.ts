// What screens show of many jobs that collect: how far their units are read and what failed since, in a statement each, whatever
// many jobs there are.
import { keptAnswersUsed } from "../../core/dataset/freshness.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";
import { all, idList, rowList, type Script } from "../rows/script.ts";
import type { CollectionFacts, CollectionQuery, JobUnitFailure, KeptAnswers } from "./state-store.ts";
import { listWatermarksOf } from "./watermarks.ts";

/** Runs of each job that are looked at, the newest first. */
const lookedAtRuns = 50;

/** Those of the jobs that have read something in units, or tried to in their newest run: two look-ups a job. */
export function* listUnitJobs(jobs: readonly string[]): Script<readonly string[]> {
  if (jobs.length === 0) return [];
  const rows = yield* all<{ job: string }>(
    `select list.value ->> 'job' as job from (rows ?) list
    where exists (select 1 from watermark w where w.job = list.value ->> 'job')
      or exists (select 1 from unit u where u.run_id = (select max(r.id) from run r where r.job = list.value ->> 'job'))
    order by list.key`,
    toRows(jobs),
  );
  return rows.map(({ job }) => job);
}

/** A range of the primary key of watermarks for each job, one of its runs, and one of the units of each of these. */
export function* readCollection({ jobs, loop, limit }: CollectionQuery): Script<CollectionFacts> {
  if (jobs.length === 0) return { watermarks: [], failures: [], uncounted: [] };
  const watermarks = yield* listWatermarksOf(jobs, limit);
  const failures = yield* listFailures(jobs, loop, limit);
  // The last job of a list that was cut may have more, and those behind it were not looked at.
  const cut = [watermarks, failures].map((rows) =>
    rows.length < limit ? jobs.length : jobs.indexOf(rows.at(-1)?.job ?? ""),
  );
  return { watermarks, failures, uncounted: jobs.slice(Math.min(...cut)) };
}

/** Of the runs, those that published answers that were kept. The newest events of each run are looked at. */
export function* listKeptAnswers(runs: readonly RunId[]): Script<readonly KeptAnswers[]> {
  if (runs.length === 0) return [];
  const rows = yield* all<{ runId: RunId; data: string | null }>(
    `select r.id as "runId", e.data from run r ordered join event e on e.run_id = r.id
      and e.seq > (select max(newest.seq) from event newest where newest.run_id = r.id) - cast(? as bigint)
    where r.id in (ids ?) and e.type = '${keptAnswersUsed}' order by r.id, e.seq`,
    lookedAtEvents,
    idList(runs),
  );
  return rows.flatMap(({ runId, data }) => {
    const since = sinceOf(data === null ? null : (JSON.parse(data) as Json));
    return since === undefined ? [] : [{ runId, sinceMs: since }];
  });
}

const lookedAtEvents = 500;

function* listFailures(jobs: readonly string[], loop: string, limit: number): Script<readonly JobUnitFailure[]> {
  return yield* all<JobUnitFailure>(
    `select r.job, r.tenant, u.unit_key as key, coalesce(u.error, '') as error, u.run_id as "runId", u.at as "atMs"
    from (rows ?) list ordered join run r on r.job = list.value ->> 'job'
      and r.id >= (select min(y.id) from (select x.id from run x where x.job = list.value ->> 'job' order by x.id desc limit ?) y)
    ordered join unit u on u.run_id = r.id and u.loop = ? and u.state = 'failed'
    order by list.key, u.run_id desc, u.unit_key limit ?`,
    toRows(jobs),
    lookedAtRuns,
    loop,
    limit,
  );
}

function toRows(jobs: readonly string[]): string {
  return rowList(jobs.map((job) => ({ job })));
}

function sinceOf(data: Json): number | undefined {
  if (typeof data !== "object" || data === null || !("since" in data)) return undefined;
  const { since } = data;
  const atMs = typeof since === "string" ? Date.parse(since) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

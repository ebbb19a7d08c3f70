// What a run has read that ended in ERROR, so that the run after it can tell whether that was published.
import { isFullRefresh } from "../../core/job/full-refresh.ts";
import { sampleRowsOf } from "../../core/job/sample.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";
import { all, rowList, type Script } from "../rows/script.ts";
import type { UnfinishedRead, UnfinishedReadQuery } from "./state-store.ts";

/** Runs that are looked at, the newest first. */
const lookedAtRuns = 50;

/**
 * The newest run before `before` that has read something, if it ended in ERROR. Runs that read a window, a sample or everything anew
 * do not count: none goes on from where the run before it was. A range of the index of runs, and a look-up in each of two primary keys.
 */
export function* findUnfinishedRead(query: UnfinishedReadQuery): Script<UnfinishedRead | undefined> {
  const { job, tenant, before = Number.MAX_SAFE_INTEGER, step } = query;
  const reads = yield* all<ReadRow>(
    `select r.id as "runId", r.created_at as "createdAtMs", r.params, s.value as parts, o.state
    from (select id, created_at, params, tenant, window_from from run where job = ? and id < ? order by id desc limit ?) r
    ordered join step s on s.run_id = r.id and s.name = ?
    left join outcome o on o.run_id = r.id
    where r.tenant = ? and r.window_from is null order by r.id desc`,
    job,
    before,
    lookedAtRuns,
    step,
    tenant,
  );
  const newest = reads.find(({ params }) => goesOn(JSON.parse(params) as Json));
  if (newest === undefined || newest.state !== "ERROR") return undefined;
  const { runId, createdAtMs } = newest;
  const names = Array.from({ length: Number(newest.parts) }, (_, index) => ({ name: `${step}:${index}` }));
  const parts = yield* all<{ value: string }>(
    "select s.value from (rows ?) r ordered join step s on s.run_id = ? and s.name = r.value ->> 'name' order by r.key",
    rowList(names),
    runId,
  );
  return { runId, createdAtMs, parts: parts.map(({ value }) => JSON.parse(value) as Json) };
}

interface ReadRow {
  readonly runId: RunId;
  readonly createdAtMs: number;
  readonly params: string;
  /** How many there are. */
  readonly parts: string;
  readonly state: string | null;
}

function goesOn(params: Json): boolean {
  return !isFullRefresh(params) && sampleRowsOf(params) === undefined;
}

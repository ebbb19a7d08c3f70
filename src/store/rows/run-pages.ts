// Finds the runs of one page of a list. It reads only ids and the columns that decide, so that one index gives the
// order and the limit ends the walk: with the wide rows beside it the planner of Postgres would rather sort.
import type { RunState } from "../../core/job/run-state.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunFilter } from "./run-records.ts";
import { all, type Script, type SqlValue } from "./script.ts";
import { stateColumn, stateJoins } from "./run-state-columns.ts";

/**
 * Newest first, a keyset page. It is driven by what the filter makes small: the children of a run, the hot tables of a live
 * state, the failures of all jobs, the runs of a job, else ids downwards.
 */
export function* listRunIds(filter: RunFilter): Script<readonly RunId[]> {
  const { sql, params } = toPageQuery(filter);
  const rows = yield* all<{ id: RunId }>(sql, ...params);
  return rows.map(({ id }) => id);
}

interface PageQuery {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

function toPageQuery(filter: RunFilter): PageQuery {
  const { state, job, parentRunId, rootsOnly } = filter;
  if (state === undefined) return pageOf("select r.id from run r", "r.id", filter);
  if (parentRunId !== undefined) {
    return pageOf(`select r.id from run r ${stateJoins}`, "r.id", filter, [[`${stateColumn} = ?`, state]]);
  }
  if (state !== "FINISHED" && state !== "ERROR") return livePage(state, filter);
  // In the text, so that the planner knows how many there are.
  const isEnded = state === "ERROR" ? "= 'ERROR'" : "= 'FINISHED'";
  // Nearly all roots and runs of a job finish, and few fail.
  if (job === undefined && (state === "ERROR" || rootsOnly !== true)) {
    const source = rootsOnly === true ? "outcome x ordered join run r on r.id = x.run_id" : "outcome x";
    return pageOf(`select x.run_id as id from ${source}`, "x.run_id", filter, [[`x.state ${isEnded}`]]);
  }
  const source = "run r ordered join outcome o on o.run_id = r.id";
  const isBefore: Condition = [`o.state ${isEnded} and o.run_id < ?`, filter.before ?? Number.MAX_SAFE_INTEGER];
  return pageOf(`select r.id from ${source}`, "r.id", filter, [isBefore]);
}

type Condition = readonly [sql: string, ...params: SqlValue[]];

function pageOf(select: string, key: string, filter: RunFilter, conditions: readonly Condition[] = []): PageQuery {
  const { job, parentRunId, rootsOnly, before, limit } = filter;
  const where: Condition[] = [...conditions];
  if (job !== undefined) where.push(["r.job = ?", job]);
  if (parentRunId !== undefined) where.push(["r.parent_run_id = ?", parentRunId]);
  if (rootsOnly === true) where.push(["r.parent_run_id is null"]);
  where.push([`${key} < ?`, before ?? Number.MAX_SAFE_INTEGER]);
  return {
    sql: `${select} where ${where.map(([sql]) => sql).join(" and ")} order by ${key} desc limit ?`,
    params: [...where.flatMap(([, ...params]) => params), Math.max(0, limit)],
  };
}

// A pipeline runs from the first claim of a member on, whichever table it waits in.
const started = "exists (select 1 from pipeline_start ps where ps.run_id = h.run_id)";
const paused = "exists (select 1 from request rq where rq.run_id = h.run_id and rq.action = 'pause')";

const liveSources: { readonly [State in Exclude<RunState, "FINISHED" | "ERROR">]: readonly string[] } = {
  // A job that was never started has no run.
  NOT_STARTED: ["lease h where false"],
  RUNNING: [
    "lease h where true",
    `ready h where ${started}`,
    `scheduled h where ${started}`,
    `waiting h where ${started} and not ${paused}`,
  ],
  PAUSED: ["parked h where true", `waiting h where ${paused}`],
  PENDING: [
    `ready h where not ${started}`,
    `scheduled h where not ${started}`,
    `waiting h where not ${started} and not ${paused}`,
  ],
};

// The first runs of each table, in the order of its index, and of these the first. A job is known by its lanes.
function livePage(state: keyof typeof liveSources, { job, rootsOnly, before, limit }: RunFilter): PageQuery {
  const conditions: Condition[] = [["h.run_id < ?", before ?? Number.MAX_SAFE_INTEGER]];
  if (job !== undefined) conditions.push(["h.lane_id in (select lane.id from lane where lane.job = ?)", job]);
  if (rootsOnly === true) {
    conditions.push(["exists (select 1 from run r where r.id = h.run_id and r.parent_run_id is null)"]);
  }
  const count = Math.max(0, limit);
  const where = conditions.map(([sql]) => sql).join(" and ");
  const params = [...conditions.flatMap(([, ...values]) => values), count];
  const sources = liveSources[state];
  const branches = sources.map(
    (source, index) =>
      `select run_id from (select h.run_id from ${source} and ${where} order by h.run_id desc limit ?) held_${index}`,
  );
  return {
    sql: `select run_id as id from (${branches.join(" union all ")}) held order by run_id desc limit ?`,
    params: [...sources.flatMap(() => params), count],
  };
}

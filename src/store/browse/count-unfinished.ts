// Counts the unfinished runs of each job, up to a cap per table, so that the cost does not grow with what waits there.
import type { RunState } from "../../core/job/run-state.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { liveTables } from "../rows/run-sources.ts";

export interface UnfinishedCount {
  readonly job: string;
  readonly state: RunState;
  readonly count: number;
}

/** Rows of a table that are counted, the newest runs first. */
const maxRows = 30_000;

/** By job and state, each up to `cap`. */
export function* countUnfinished(cap: number): Script<readonly UnfinishedCount[]> {
  const pipelines = yield* all<{ id: number }>("select id from lane where kind = 'pipeline'");
  const laneIds = idList(pipelines.map(({ id }) => id));
  const rows = yield* all<UnfinishedCount>(sql, ...[...sql.matchAll(/\(ids \?\)/g)].map(() => laneIds));
  return rows.flatMap((row) => (row.count > 0 ? [{ ...row, count: Math.min(row.count, cap) }] : []));
}

// Thousands of runs of jobs may wait: they are counted by their table alone, without a look at each. Only pipelines, which are
// few, are asked one by one where they stand; what the first count has of them is left out by the kind of their lane.
const branches = [...liveTables].flatMap(([table, { state, stateOfJobs }]) => {
  const isSame = state === `'${stateOfJobs}'`;
  const byTable = `select h.lane_id, '${isSame ? "any" : "job"}' as kind, '${stateOfJobs}' as state, count(*) as rows_held
    from (select t.lane_id from ${table} t order by t.run_id desc limit ${maxRows}) h group by h.lane_id`;
  const oneByOne = `select h.lane_id, 'pipeline' as kind, ${state} as state, count(*) as rows_held
    from (select t.run_id, t.lane_id from ${table} t where t.lane_id in (ids ?) order by t.run_id desc limit ${maxRows}) h
    group by h.lane_id, 3`;
  return isSame ? [byTable] : [byTable, oneByOne];
});

// A run that waits for others and was asked to pause is parked when they have ended, and paused until then.
const askedToPause = [
  ["PAUSED", 1],
  ["PENDING", -1],
].map(
  ([state, sign]) => `select h.lane_id, 'job' as kind, '${state}' as state, ${sign} * count(*) as rows_held
    from request q ordered join waiting h on h.run_id = q.run_id where q.action = 'pause' group by h.lane_id`,
);

const sql = `select lane.job, held.state, cast(sum(held.rows_held) as bigint) as count
  from (${[...branches, ...askedToPause].join(" union all ")}) held ordered join lane on lane.id = held.lane_id and held.kind in (lane.kind, 'any')
  group by lane.job, held.state order by lane.job, held.state`;

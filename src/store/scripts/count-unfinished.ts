// How many runs of each job are under way. Looks at so many of each table that holds unfinished runs, whatever waits there.
import type { RunState } from "../../core/run-state.ts";
import { all, idList, type Script } from "../script.ts";
import { liveTables } from "./run-sources.ts";

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
  const branches = [...liveTables].map(
    ([table, { stateByLane }]) => `select h.lane_id, ${stateByLane} as state, count(*) as rows_held
      from (select t.run_id, t.lane_id from ${table} t order by t.run_id desc limit ${maxRows}) h group by h.lane_id, 2`,
  );
  const sql = `select lane.job, held.state, cast(sum(held.rows_held) as bigint) as count
    from (${branches.join(" union all ")}) held ordered join lane on lane.id = held.lane_id
    group by lane.job, held.state order by lane.job, held.state`;
  const rows = yield* all<UnfinishedCount>(sql, ...[...sql.matchAll(/\(ids \?\)/g)].map(() => laneIds));
  return rows.map((row) => ({ ...row, count: Math.min(row.count, cap) }));
}

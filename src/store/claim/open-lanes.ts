// Finds the lanes that have ready runs, and the first runs of each, for a claim to choose from.
import { all, type Script, type SqlValue } from "../rows/script.ts";
import { type HotRun, hotColumns } from "../rows/hot-runs.ts";
import { findOwners, isOpenTo } from "./bound-lanes.ts";
import type { ClaimRequest } from "./work-store.ts";

export interface OpenLane {
  readonly laneId: number;
  readonly tenant: string;
  readonly gates: readonly string[];
}

export interface Candidate extends HotRun {
  readonly seq: number;
  readonly tenant: string;
  readonly gates: readonly string[];
}

interface LaneRow {
  readonly laneId: number;
  readonly job: string;
  readonly kind: string;
  readonly tenant: string;
  readonly gates: string;
}

/**
 * Lanes with ready runs whose job is among `jobs`, and which are bound to no other worker in service. Of a paused job only what a person started by force is ready. Hops from lane to lane in the primary key of `ready`,
 * so ready runs of lanes that nobody here can serve cost one seek, however many they are.
 */
export function* findOpenLanes(request: ClaimRequest): Script<OpenLane[]> {
  const { jobs } = request;
  const rows = yield* all<LaneRow>(
    `with recursive busy (lane_id) as (select min(lane_id) from ready
      union all select (select min(ready.lane_id) from ready where ready.lane_id > busy.lane_id) from busy
        where busy.lane_id is not null)
    select lane.id as "laneId", lane.job, lane.kind, lane.tenant, lane.gates from busy join lane on lane.id = busy.lane_id`,
  );
  const lanes = rows
    .filter(({ job, kind }) => kind === "pipeline" || jobs === undefined || jobs.has(job))
    .map(({ laneId, tenant, gates }) => ({ laneId, tenant, gates: JSON.parse(gates) as string[] }));
  const inService = yield* findOwners(lanes);
  return lanes.filter(({ gates }) => isOpenTo(request, gates, inService));
}

const lanesAStatement = 32;

/**
 * Locks the first runs of each lane in order of (priority, seq): all that are wanted when there are few lanes, a share of
 * them when there are many. What is not chosen is free again at the commit.
 */
export function* lockCandidates(lanes: readonly OpenLane[], limit: number): Script<Candidate[]> {
  const byId = new Map(lanes.map((lane) => [lane.laneId, lane]));
  const share = Math.min(limit, Math.max(8, Math.ceil((2 * limit) / lanes.length)));
  const candidates: Candidate[] = [];
  for (let from = 0; from < lanes.length; from += lanesAStatement) {
    const some = lanes.slice(from, from + lanesAStatement);
    const rows = yield* all<HotRun & { readonly seq: number }>(
      lockStatement(some.length),
      ...some.flatMap(({ laneId }): SqlValue[] => [laneId, share]),
    );
    for (const row of rows) {
      const lane = byId.get(row.laneId);
      if (lane !== undefined) candidates.push({ ...row, tenant: lane.tenant, gates: lane.gates });
    }
  }
  return candidates;
}

const statements = new Map<number, string>();

// One ordered range of the primary key of `ready` for each lane.
function lockStatement(laneCount: number): string {
  let sql = statements.get(laneCount);
  if (sql === undefined) {
    const branches = Array.from(
      { length: laneCount },
      (
        _,
        index,
      ) => `select * from (select ${hotColumns}, seq from ready where lane_id = ? order by priority, seq limit ?
        for update skip locked) lane_${index}`,
    );
    sql = branches.join(" union all ");
    statements.set(laneCount, sql);
  }
  return sql;
}

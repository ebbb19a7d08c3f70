// Reads what jobs did last and which of their runs are unfinished, for overlap and dependencies. It looks for
// unfinished runs where they are held, so history does not slow it down.
import type { RunId } from "../../core/run-id.ts";
import type { JobActivity } from "./schedule-store.ts";
import { all, idList, rowList, type Script } from "../rows/script.ts";

/** Unfinished root runs of each name, by id. One statement looks, so that none is missed on its way between two tables. */
export function* listUnfinishedRoots(jobs: Iterable<string>): Script<ReadonlyMap<string, readonly RunId[]>> {
  const lanes = yield* findJobLanes(jobs);
  const roots = new Map<string, RunId[]>();
  if (lanes.size === 0) return roots;
  const rows = yield* all<{ laneId: number; runId: RunId }>(
    `select hot.lane_id as "laneId", hot.run_id as "runId" from (${heldIn("lane_id, run_id")}) hot
    ordered join run on run.id = hot.run_id where run.parent_run_id is null order by 2`,
    ...laneParams(lanes),
  );
  for (const { laneId, runId } of rows) {
    const job = lanes.get(laneId) ?? "";
    const list = roots.get(job);
    if (list === undefined) roots.set(job, [runId]);
    else list.push(runId);
  }
  return roots;
}

/** Reads the newest run of each job by the index, and the hot tables once. */
export function* listActivity(jobs: readonly string[]): Script<readonly JobActivity[]> {
  if (jobs.length === 0) return [];
  const names = nameList(jobs);
  const lanes = yield* findJobLanes(jobs);
  const unfinished =
    lanes.size === 0
      ? []
      : yield* all<{ laneId: number }>(
          `select distinct hot.lane_id as "laneId" from (${heldIn("lane_id")}) hot`,
          ...laneParams(lanes),
        );
  const held = new Set(unfinished.map(({ laneId }) => lanes.get(laneId)));
  const rows = yield* all<ActivityRow>(
    `select x.job, x.id as "lastRunId", o.state as "lastState", o.reason as "lastReason", o.finished_at as "lastFinishedAtMs"
    from (select r.value ->> 'job' as job, (select max(run.id) from run where run.job = r.value ->> 'job') as id from (rows ?) r) x
    left join outcome o on o.run_id = x.id where x.id is not null order by x.job`,
    names,
  );
  return rows.map((row) => ({
    job: row.job,
    lastRunId: row.lastRunId,
    lastState: row.lastState ?? undefined,
    isPartial: row.lastReason === "partial",
    lastFinishedAtMs: row.lastFinishedAtMs ?? undefined,
    isUnfinished: held.has(row.job),
  }));
}

const hotTables = ["lease", "ready", "scheduled", "parked", "waiting"] as const;

// `ready` is in order of its lanes; the others are read whole, once, however many lanes are asked for.
function heldIn(columns: string): string {
  return hotTables.map((table) => `select ${columns} from ${table} where lane_id in (ids ?)`).join(" union all ");
}

function laneParams(lanes: ReadonlyMap<number, string>): string[] {
  return hotTables.map(() => idList(lanes.keys()));
}

// Few: a job has one lane for each kind, tenant and set of gates.
function* findJobLanes(jobs: Iterable<string>): Script<ReadonlyMap<number, string>> {
  const rows = yield* all<{ id: number; job: string }>(
    "select lane.id, lane.job from (rows ?) r ordered join lane on lane.job = r.value ->> 'job'",
    nameList(jobs),
  );
  return new Map(rows.map(({ id, job }) => [id, job]));
}

interface ActivityRow {
  readonly job: string;
  readonly lastRunId: RunId;
  readonly lastState: "FINISHED" | "ERROR" | null;
  readonly lastReason: string | null;
  readonly lastFinishedAtMs: number | null;
}

function nameList(jobs: Iterable<string>): string {
  return rowList([...new Set(jobs)].map((job) => ({ job })));
}

// Finds the runs that an action is about and locks each where it is. What these return stays true until the commit.
import type { RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { RunKind } from "../rows/run-records.ts";
import { all, idList, run, type Script } from "../rows/script.ts";
import { type Lease, leaseColumns } from "../settle/end-leases.ts";
import { type HotRun, hotColumns, type ScheduledReason } from "../rows/hot-runs.ts";

/** A run with the one table that holds it. */
export interface ControlledRun {
  readonly runId: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly parentRunId: RunId | null;
  readonly place: Place;
  /** What somebody asked of it before. */
  readonly request: OpenRequest | undefined;
  /** As people see it. */
  readonly state: RunState;
}

export type Place =
  | { readonly held: "lease"; readonly hot: Lease }
  | { readonly held: "ready"; readonly hot: HotRun }
  | { readonly held: "waiting"; readonly hot: HotRun }
  | { readonly held: "scheduled"; readonly hot: HotRun; readonly runAtMs: number; readonly reason: ScheduledReason }
  | {
      readonly held: "parked";
      readonly hot: HotRun;
      readonly cause: "run" | "job";
      readonly pausedBy: string | null;
      readonly reason: string | null;
      readonly runAtMs: number | null;
      readonly scheduledReason: ScheduledReason | null;
    }
  | { readonly held: "outcome"; readonly hot: HotRun; readonly state: "FINISHED" | "ERROR" };

export interface OpenRequest {
  readonly action: "pause" | "stop";
  readonly cause: "run" | "job";
}

/** The person or program that asks, for events and for those who look later. */
export interface Asker {
  readonly by: string;
  readonly reason?: string | undefined;
}

/**
 * Lets one action in at a time, until its commit. People are slow, and two actions that lock the same pipeline from different
 * ends would lock each other out. Workers do not wait for this row.
 */
export function* takeControl(nowMs: number): Script<void> {
  const sql = `insert into cadence (name, taken_at) values ('control', ?)
    on conflict (name) do update set taken_at = excluded.taken_at`;
  yield* run(sql, nowMs);
}

/** The runs with all their children, and theirs. Unknown ids are left out. One range of run_by_parent for each run. */
export function* listFamily(runIds: Iterable<number>): Script<readonly RunId[]> {
  const rows = yield* all<{ id: RunId }>(
    `with recursive family (id) as (select id from run where id in (ids ?)
      union select run.id from family join run on run.parent_run_id = family.id)
    select id from family order by id`,
    idList(runIds),
  );
  return rows.map(({ id }) => id);
}

/** The runs that have these as children, as far up as there are any. */
export function* listAncestors(runIds: Iterable<number>): Script<readonly RunId[]> {
  const rows = yield* all<{ id: RunId }>(
    `with recursive ancestor (id) as (select parent_run_id from run where id in (ids ?) and parent_run_id is not null
      union select run.parent_run_id from ancestor join run on run.id = ancestor.id where run.parent_run_id is not null)
    select id from ancestor order by id`,
    idList(runIds),
  );
  return rows.map(({ id }) => id);
}

/** Unfinished runs of a job. One statement, so that none is missed between two tables; it reads the hot tables whole. */
export function* listUnfinished(job: string): Script<readonly RunId[]> {
  const hot = ["lease", "ready", "scheduled", "parked", "waiting"].map(
    (table) => `select run_id, lane_id from ${table}`,
  );
  const sql = `select hot.run_id as "runId" from (${hot.join(" union all ")}) hot join lane on lane.id = hot.lane_id
    where lane.job = ? order by 1`;
  const rows = yield* all<{ runId: RunId }>(sql, job);
  return rows.map(({ runId }) => runId);
}

export interface JobPause extends Asker {
  readonly runId: RunId;
}

/** Those of the runs whose job is paused as a whole, or a pipeline they belong to, with one such pause each. */
export function* listJobPauses(runIds: Iterable<number>): Script<readonly JobPause[]> {
  const rows = yield* all<{ runId: RunId; by: string; reason: string | null }>(
    `with recursive up (run_id, id) as (select id, id from run where id in (ids ?)
      union select up.run_id, run.parent_run_id from up join run on run.id = up.id where run.parent_run_id is not null)
    select up.run_id as "runId", min(paused_job.paused_by) as by, min(paused_job.reason) as reason
    from up join run on run.id = up.id join paused_job on paused_job.job = run.job group by up.run_id`,
    idList(runIds),
  );
  return rows.map(({ runId, by, reason }) => ({ runId, by, reason: reason ?? undefined }));
}

interface RunRow {
  readonly runId: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly parentRunId: RunId | null;
  readonly isStarted: number;
}

/** Locks the runs, each in the table that holds it, and tells where that is; by id. Unknown ids are left out. */
export function* lockRuns(runIds: readonly RunId[]): Script<readonly ControlledRun[]> {
  if (runIds.length === 0) return [];
  const ids = idList(runIds);
  const runs = yield* all<RunRow>(
    `select run.id as "runId", run.job, run.kind, run.parent_run_id as "parentRunId",
      case when pipeline_start.run_id is null then 0 else 1 end as "isStarted"
    from run left join pipeline_start on pipeline_start.run_id = run.id where run.id in (ids ?) order by run.id`,
    ids,
  );
  const places = yield* lockPlaces(runs.map(({ runId }) => runId));
  const requests = yield* all<OpenRequest & { runId: RunId }>(
    `select run_id as "runId", action, cause from request where run_id in (ids ?)`,
    ids,
  );
  const asked = new Map(requests.map((request) => [request.runId, request]));
  return runs.flatMap(({ isStarted, ...run }): ControlledRun[] => {
    const place = places.get(run.runId);
    if (place === undefined) return [];
    const request = asked.get(run.runId);
    return [{ ...run, place, request, state: stateOf(place, request, isStarted === 1) }];
  });
}

// A pipeline runs from the first claim of a member on, wherever it is held.
function stateOf(place: Place, request: OpenRequest | undefined, isStarted: boolean): RunState {
  if (place.held === "outcome") return place.state;
  if (place.held === "parked" || (place.held === "waiting" && request?.action === "pause")) return "PAUSED";
  return place.held === "lease" || isStarted ? "RUNNING" : "PENDING";
}

const lockStatements: { readonly [Held in Place["held"]]: string } = {
  lease: leaseColumns,
  ready: hotColumns,
  scheduled: `${hotColumns}, run_at as "runAtMs", reason`,
  parked: `${hotColumns}, cause, paused_by as "pausedBy", reason, run_at as "runAtMs", scheduled_reason as "scheduledReason"`,
  waiting: hotColumns,
  outcome: `${hotColumns}, state`,
};

// In the order in which runs move when they end, as every other transaction locks them: leases before those who wait.
const lockOrder = ["lease", "ready", "scheduled", "parked", "waiting", "outcome"] as const;

const maxLooks = 20;

// A run may move to a table that was already looked at, so what is missing is looked for again. Each look waits for the
// transaction that moved it, so the second look nearly always finds it.
function* lockPlaces(runIds: readonly RunId[]): Script<ReadonlyMap<RunId, Place>> {
  const places = new Map<RunId, Place>();
  for (let look = 0; look < maxLooks && places.size < runIds.length; look += 1) {
    for (const held of lockOrder) {
      const missing = runIds.filter((runId) => !places.has(runId));
      if (missing.length === 0) break;
      const sql = `select ${lockStatements[held]} from ${held} where run_id in (ids ?) order by run_id for update`;
      for (const row of yield* all<HotRun & Record<string, unknown>>(sql, idList(missing))) {
        // The statement selects what a place of this table has.
        places.set(row.runId, toPlace(held, row) as Place);
      }
    }
  }
  return places;
}

function toPlace(held: Place["held"], row: HotRun & Record<string, unknown>): unknown {
  const { runId, laneId, priority, epoch, attempt, hasChildren, ...rest } = row;
  const hot = { runId, laneId, priority, epoch, attempt, hasChildren };
  return held === "lease" ? { held, hot: { ...hot, ...rest } } : { held, hot, ...rest };
}

/** What an event says of who asked. */
export function toEventData({ by, reason }: Asker): { readonly by: string; readonly reason?: string } {
  return reason === undefined ? { by } : { by, reason };
}

// Leases ready runs to a worker. The only place where `epoch` and `attempt` grow.
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, Fence, WorkerId } from "../rows/run-records.ts";
import { all, idList, type Now, one, rowList, run, type Script } from "../rows/script.ts";
import type { ClaimRequest } from "./work-store.ts";
import { appendEvents, type EventRow } from "../rows/append-events.ts";
import { type Lease, leaseColumns } from "../settle/end-leases.ts";
import { isOrphanOf } from "./bound-lanes.ts";
import { chooseRuns } from "./choose-runs.ts";
import { type ClaimedRunRow, toClaimedRun } from "../rows/claimed-run.ts";
import { type HotRun, toRow } from "../rows/hot-runs.ts";
import { findOpenLanes, lockCandidates } from "./open-lanes.ts";
import { findRoom } from "./gate-room.ts";
import { releaseLeases } from "../settle/release-leases.ts";

/**
 * In three steps: which lanes have work that this worker can do, the first runs of each, the best of these as far as the
 * limits allow. Rows are locked with skip-locked, so claimers pass each other; a limited gate is locked until the commit.
 */
export function* claim(request: ClaimRequest, { nowMs, aliveMs }: Now): Script<ClaimedRun[]> {
  const worker = yield* findWorkerInService(request.workerId, aliveMs);
  if (worker === undefined) return [];
  if (request.executing !== undefined) yield* giveBack(request.workerId, request.executing, nowMs);
  const found = yield* findOpenLanes(request);
  const room = yield* findRoom(found, nowMs);
  // Nothing of a lane behind a closed gate is read, however much waits there.
  const lanes = found.filter(({ gates }) => gates.every((gate) => (room.get(gate) ?? 1) > 0));
  if (lanes.length === 0) return [];
  const candidates = yield* lockCandidates(lanes, request.limit);
  const tenants = new Set(lanes.map(({ tenant }) => tenant));
  const shares = tenants.size > 1 ? yield* countShares() : new Map<string, number>();
  const chosen = chooseRuns({ candidates, room, shares, limit: request.limit, afterTenant: request.afterTenant });
  if (chosen.length === 0) return [];
  const leases = chosen.map((hot) => ({ ...hot, epoch: hot.epoch + 1, attempt: hot.attempt + 1 }));
  yield* moveToLease(leases, request.workerId, nowMs);
  const runs = yield* readRuns(leases, request.workerId);
  yield* recordStarts(runs, worker.name, nowMs);
  return runs;
}

/** Tells whether a claim could find anything, without locks: what an idle worker asks first. */
export function* hasReady(request: ClaimRequest): Script<boolean> {
  if ((yield* findOpenLanes(request)).length > 0) return true;
  const { workerId, executing } = request;
  if (executing === undefined) return false;
  const held = yield* all<Fence>(`select run_id as "runId", epoch from lease where worker_id = ?`, workerId);
  return findForgotten(held, executing).length > 0;
}

// Gives back leases that the worker holds but does not execute: they came from a claim whose answer got lost.
function* giveBack(workerId: WorkerId, executing: readonly Fence[], nowMs: number): Script<void> {
  const sql = `select ${leaseColumns} from lease where worker_id = ? order by run_id for update`;
  const forgotten = findForgotten(yield* all<Lease>(sql, workerId), executing);
  if (forgotten.length > 0) yield* releaseLeases(forgotten, nowMs);
}

// A worker may still record the end of a run that it has claimed again, so both epochs of it may be executing.
function findForgotten<Held extends Fence>(held: readonly Held[], executing: readonly Fence[]): Held[] {
  const known = new Set(executing.map(({ runId, epoch }) => `${runId}@${epoch}`));
  return held.filter(({ runId, epoch }) => !known.has(`${runId}@${epoch}`));
}

function* findWorkerInService(workerId: WorkerId, aliveMs: number): Script<{ name: string } | undefined> {
  const sql = `select worker.name from worker join engine on engine.id = 1 and engine.claiming = 1
    where worker.id = ? and worker.state = 'active' and worker.expires_at > ?`;
  return yield* one<{ name: string }>(sql, workerId, aliveMs);
}

// Runs that each tenant has executing. `lease` is as small as the slots of all workers.
function* countShares(): Script<Map<string, number>> {
  const sql = `select lane.tenant, count(*) as held from lease join lane on lane.id = lease.lane_id group by lane.tenant`;
  const rows = yield* all<{ tenant: string; held: number }>(sql);
  return new Map(rows.map(({ tenant, held }) => [tenant, held]));
}

interface NewLease extends HotRun {
  readonly gates: readonly string[];
}

function* moveToLease(leases: readonly NewLease[], workerId: WorkerId, nowMs: number): Script<void> {
  yield* run("delete from ready where run_id in (ids ?)", idList(leases.map(({ runId }) => runId)));
  yield* run(
    `insert into lease (run_id, lane_id, worker_id, started_at, priority, epoch, attempt, has_children)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'lane' as int), cast(? as bigint), cast(? as bigint),
      cast(r.value ->> 'priority' as int), cast(r.value ->> 'epoch' as int), cast(r.value ->> 'attempt' as int),
      cast(r.value ->> 'children' as int) from (rows ?) r`,
    workerId,
    nowMs,
    rowList(leases.map(toRow)),
  );
  const slots = leases.flatMap(({ runId, gates }) => gates.map((gate) => ({ run: runId, gate })));
  if (slots.length === 0) return;
  yield* run(
    `insert into slot (gate, run_id) select r.value ->> 'gate', cast(r.value ->> 'run' as bigint) from (rows ?) r`,
    rowList(slots),
  );
}

type RunRow = Omit<ClaimedRunRow, "epoch" | "attempt" | "hasChildren">;

// The wide rows, one primary key look-up each, in the order of the leases.
function* readRuns(leases: readonly NewLease[], workerId: WorkerId): Script<ClaimedRun[]> {
  const sql = `select id as "runId", job, kind, root_run_id as "rootRunId", parent_run_id as "parentRunId", params,
    window_from as "windowFrom", window_to as "windowTo", tenant, created_by as "createdBy", created_at as "createdAtMs",
    (select losses from loss where loss.run_id = run.id) as losses from run where id in (ids ?)`;
  const rows = yield* all<RunRow>(sql, idList(leases.map(({ runId }) => runId)));
  const byId = new Map(rows.map((row) => [row.runId, row]));
  return leases.map(({ runId, epoch, attempt, hasChildren, gates }) => {
    const row = byId.get(runId);
    if (row === undefined) throw new RangeError(`run ${runId} is ready but does not exist`);
    return toClaimedRun({ ...row, epoch, attempt, hasChildren }, { isOrphan: isOrphanOf(workerId, gates) });
  });
}

// A pipeline starts with its first member; the claim that sums it up is not another start.
function* recordStarts(runs: readonly ClaimedRun[], worker: string, nowMs: number): Script<void> {
  const starts = runs
    .filter(({ kind }) => kind === "job")
    .map(({ runId, attempt, epoch }): EventRow => ({ runId, type: "started", data: { worker, attempt, epoch } }));
  yield* appendEvents(starts, nowMs);
  const pipelines = runs.filter(({ kind }) => kind === "pipeline").map(({ runId }) => runId);
  const parents = runs.flatMap(({ parentRunId }) => (parentRunId === undefined ? [] : [parentRunId]));
  let level: readonly RunId[] = [...new Set([...pipelines, ...parents])];
  while (level.length > 0) level = yield* startPipelines(level, nowMs);
}

// One that was taken back and begins again keeps its first start, which is in its history.
// @returns the parents of those that this call started
function* startPipelines(runIds: readonly RunId[], nowMs: number): Script<RunId[]> {
  const started = yield* all<{ runId: RunId }>(
    `insert into pipeline_start (run_id, started_at)
    select cast(r.value ->> 'run' as bigint), coalesce((select e.at from event e
        where e.run_id = cast(r.value ->> 'run' as bigint) and e.type = 'started' order by e.seq limit 1), cast(? as bigint))
    from (rows ?) r where true order by 1
    on conflict (run_id) do nothing returning run_id as "runId"`,
    nowMs,
    rowList(runIds.map((runId) => ({ run: runId }))),
  );
  if (started.length === 0) return [];
  yield* appendEvents(
    started.map(({ runId }) => ({ runId, type: "started" })),
    nowMs,
  );
  const parents = yield* all<{ parent: RunId }>(
    `select distinct parent_run_id as parent from run where id in (ids ?) and parent_run_id is not null`,
    idList(started.map(({ runId }) => runId)),
  );
  return parents.map(({ parent }) => parent);
}

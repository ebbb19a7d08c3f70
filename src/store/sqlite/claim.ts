// Leases ready runs to a worker. The only place where `epoch` and `attempt` grow.
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, Json, RunKind, WorkerId } from "../run-records.ts";
import type { ClaimRequest } from "../work-store.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { hotColumns, type HotRun } from "./hot-run.ts";

/** Whether a claim could find anything; an idle worker asks this without taking the write lock. */
export function hasReady(db: Connection, request: ClaimRequest): boolean {
  return pickReady(db, { ...request, limit: 1 }).length > 0;
}

/**
 * Picks by (priority, seq) along the index ready_order, moves each run from `ready` to `lease` and reads its wide row.
 * Needs no skip-locked: the write lock of SQLite lets in one claimer at a time.
 */
export function claim(db: Connection, request: ClaimRequest, nowMs: number): ClaimedRun[] {
  const { workerId } = request;
  const worker = findWorkerInService(db, workerId, nowMs);
  if (worker === undefined) return [];
  const picked = pickReady(db, request);
  const started = new Set<RunId>();
  return picked.map((ready) => {
    const lease = { ...ready, epoch: ready.epoch + 1, attempt: ready.attempt + 1 };
    moveToLease(db, lease, workerId, nowMs);
    const run = readRun(db, lease);
    const data = { worker: worker.name, attempt: lease.attempt, epoch: lease.epoch };
    // A pipeline starts with its first member; the claim that sums it up is not another start.
    const isStart = run.kind === "job" || markPipelineStart(db, lease.runId, nowMs);
    if (isStart) appendEvent(db, lease.runId, "started", data, nowMs);
    startAncestors(db, run.parentRunId, started, nowMs);
    return run;
  });
}

interface ReadyRun extends HotRun {
  readonly seq: number;
  readonly job: string;
  readonly kind: RunKind;
}

const firstPage = { priority: Number.MIN_SAFE_INTEGER, seq: 0 };

// Walks along ready_order in pages of what is wanted, with a primary key look-up in `run` for each row. Runs of jobs that
// the worker does not have are passed over, at the cost of a page for each `limit` of them.
function pickReady(db: Connection, { limit, jobs }: ClaimRequest): HotRun[] {
  const sql = `select ${hotColumns}, seq, run.job, run.kind from ready join run on run.id = ready.run_id
    where (priority, seq) > (?, ?) order by priority, seq limit ?`;
  const picked: HotRun[] = [];
  for (let after = firstPage; picked.length < limit;) {
    const page = db.all<ReadyRun>(sql, after.priority, after.seq, limit);
    for (const { seq: _, job, kind, ...run } of page) {
      if (picked.length < limit && (kind === "pipeline" || jobs === undefined || jobs.has(job))) picked.push(run);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < limit) break;
    after = last;
  }
  return picked;
}

function findWorkerInService(db: Connection, workerId: WorkerId, nowMs: number): { name: string } | undefined {
  const sql = "select name from worker where id = ? and state = 'active' and expires_at > ?";
  return db.get<{ name: string }>(sql, workerId, nowMs);
}

function moveToLease(db: Connection, lease: HotRun, workerId: WorkerId, nowMs: number): void {
  db.run("delete from ready where run_id = ?", lease.runId);
  const sql = `insert into lease (run_id, worker_id, started_at, priority, epoch, attempt, has_children)
    values (?, ?, ?, ?, ?, ?, ?)`;
  db.run(sql, lease.runId, workerId, nowMs, lease.priority, lease.epoch, lease.attempt, lease.hasChildren);
}

interface RunRow {
  readonly job: string;
  readonly kind: RunKind;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | null;
  readonly params: string;
  readonly windowFrom: string | null;
  readonly windowTo: string | null;
  readonly tenant: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

function readRun(db: Connection, { runId, epoch, attempt }: HotRun): ClaimedRun {
  const sql = `select job, kind, root_run_id as rootRunId, parent_run_id as parentRunId, params, window_from as windowFrom,
    window_to as windowTo, tenant, created_by as createdBy, created_at as createdAtMs from run where id = ?`;
  const row = db.get<RunRow>(sql, runId);
  if (row === undefined) throw new RangeError(`run ${runId} is ready but does not exist`);
  const { parentRunId, params, windowFrom, windowTo, ...rest } = row;
  const window = windowFrom === null || windowTo === null ? undefined : { from: windowFrom, to: windowTo };
  const json = JSON.parse(params) as Json;
  return { ...rest, runId, epoch, attempt, parentRunId: parentRunId ?? undefined, params: json, window };
}

// `seen` spares the look-up for the many members of one pipeline in a batch.
function startAncestors(db: Connection, first: RunId | undefined, seen: Set<RunId>, nowMs: number): void {
  for (let runId = first; runId !== undefined && !seen.has(runId);) {
    seen.add(runId);
    if (!markPipelineStart(db, runId, nowMs)) return;
    appendEvent(db, runId, "started", undefined, nowMs);
    const row = db.get<{ parent: RunId | null }>("select parent_run_id as parent from run where id = ?", runId);
    runId = row?.parent ?? undefined;
  }
}

function markPipelineStart(db: Connection, runId: RunId, nowMs: number): boolean {
  const sql = "insert into pipeline_start (run_id, started_at) values (?, ?) on conflict do nothing";
  return db.run(sql, runId, nowMs) === 1;
}

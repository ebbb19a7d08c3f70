// The orchestrator as a whole, and what workers and people look up about control.
import type { RunId } from "../../core/run-id.ts";
import type { OrchestratorRequest, OrchestratorState, PausedJob, RunRequest } from "./control-store.ts";
import type { WorkerId } from "../rows/run-records.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import { lockRuns, takeControl } from "./control-runs.ts";
import { forceStop } from "./control-stop.ts";

/** `stopped` of the state counts what an emergency stop ended. */
export function* switchOrchestrator(
  { action, by, reason }: OrchestratorRequest,
  nowMs: number,
): Script<OrchestratorState> {
  yield* takeControl(nowMs);
  const sql = "update engine set claiming = ?, changed_by = ?, reason = ?, at = ? where id = 1";
  yield* run(sql, action === "start" ? 1 : 0, by, reason ?? null, nowMs);
  const state = yield* orchestratorState();
  if (action !== "emergency_stop") return state;
  const leases = yield* all<{ runId: RunId }>(`select run_id as "runId" from lease order by run_id`);
  const runs = yield* lockRuns(leases.map(({ runId }) => runId));
  // One that ended by itself meanwhile is left alone.
  const held = runs.filter(({ place }) => place.held === "lease");
  const { changed } = yield* forceStop(held, { by, reason }, nowMs);
  return { ...state, stopped: changed };
}

export function* orchestratorState(): Script<OrchestratorState> {
  const row = yield* one<{ claiming: number; by: string; reason: string | null; atMs: number }>(
    `select claiming, changed_by as by, reason, at as "atMs" from engine where id = 1`,
  );
  if (row === undefined) throw new RangeError("the store has no row for the orchestrator");
  return { claiming: row.claiming === 1, by: row.by, reason: row.reason ?? undefined, atMs: row.atMs, stopped: 0 };
}

/** By run. Leases are as few as a worker has slots, each with one look-up in `request`. */
export function* listRequests(workerId: WorkerId): Script<readonly RunRequest[]> {
  const rows = yield* all<Omit<RunRequest, "reason"> & { readonly reason: string | null }>(
    `select lease.run_id as "runId", lease.epoch, request.action, request.requested_by as by, request.reason
    from request join lease on lease.run_id = request.run_id where lease.worker_id = ? order by lease.run_id`,
    workerId,
  );
  return rows.map((row) => ({ ...row, reason: row.reason ?? undefined }));
}

/** By name. */
export function* listPausedJobs(): Script<readonly PausedJob[]> {
  const rows = yield* all<Omit<PausedJob, "reason"> & { readonly reason: string | null }>(
    `select job, paused_by as by, reason, at as "atMs" from paused_job order by job`,
  );
  return rows.map((row) => ({ ...row, reason: row.reason ?? undefined }));
}

// Takes the runs of dead workers back. A worker is dead when its time ran out or its host says that the process is gone;
// how long a run takes never matters. Repeating it changes nothing.
import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { WorkerId } from "../run-records.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { type Lease, leaseColumns, logAttempt, withoutAttempt } from "./end-lease.ts";
import { endRun } from "./end-run.ts";
import { insertReady } from "./hot-run.ts";
import { type EndedRun, wakeDependants } from "./wake-dependants.ts";

export interface ReapRequest {
  readonly limit: number;
  readonly deadWorkerIds: readonly WorkerId[];
  readonly maxLosses: number;
}

/** Whether a reap could find anything; asked without taking the write lock. */
export function hasDead(db: Connection, nowMs: number): boolean {
  if (db.get("select 1 from worker where state = 'active' and expires_at <= ? limit 1", nowMs) !== undefined)
    return true;
  return listOrphans(db, 1).length > 0;
}

/** Marks dead workers, then requeues or ends at most `limit` of their runs. @returns those runs */
export function reap(db: Connection, { limit, deadWorkerIds, maxLosses }: ReapRequest, nowMs: number): RunId[] {
  markDead(db, deadWorkerIds, nowMs);
  const ended: EndedRun[] = [];
  const orphans = listOrphans(db, limit);
  for (const lease of orphans) {
    if (loseRun(db, lease, maxLosses, nowMs) === "failed") ended.push({ runId: lease.runId, verdict: "failed" });
  }
  wakeDependants(db, ended, nowMs);
  return orphans.map(({ runId }) => runId);
}

function markDead(db: Connection, named: readonly WorkerId[], nowMs: number): void {
  const kill = "update worker set state = 'dead', ended_at = ? where state = 'active' and";
  db.run(`${kill} expires_at <= ?`, nowMs, nowMs);
  for (const workerId of named) db.run(`${kill} id = ?`, nowMs, workerId);
}

type Orphan = Lease & { readonly worker: string | null };

// Scans `lease`, which is as small as the slots of all workers, with a primary key look-up for each.
function listOrphans(db: Connection, limit: number): Orphan[] {
  const sql = `select ${leaseColumns}, worker.name as worker from lease left join worker on worker.id = lease.worker_id
    where worker.state is not 'active' order by run_id limit ?`;
  return db.all<Orphan>(sql, Math.max(0, limit));
}

function loseRun(db: Connection, lease: Orphan, maxLosses: number, nowMs: number): "ready" | "failed" {
  db.run("delete from lease where run_id = ?", lease.runId);
  logAttempt(db, lease, "lost", undefined, nowMs);
  const losses = countLosses(db, lease.runId);
  appendEvent(db, lease.runId, "lost", { worker: lease.worker, epoch: lease.epoch, losses }, nowMs);
  if (losses < maxLosses) {
    insertReady(db, withoutAttempt(lease));
    return "ready";
  }
  const error = new MillraceError(
    "RUN_LOST",
    `workers died \`${losses}\` times while they ran \`${formatRunId(lease.runId)}\``,
    {
      hint: "look for what ends the process: memory, native code, or somebody who kills it",
    },
  );
  endRun(db, withoutAttempt(lease), { state: "ERROR", reason: "lost", error: toErrorRecord(error) }, nowMs);
  appendEvent(db, lease.runId, "failed", { reason: "lost", code: error.code, message: error.message }, nowMs);
  return "failed";
}

function countLosses(db: Connection, runId: RunId): number {
  const sql = "select count(*) as losses from attempt_log where run_id = ? and end = 'lost'";
  return db.get<{ losses: number }>(sql, runId)?.losses ?? 0;
}

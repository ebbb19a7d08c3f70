// Worker processes enter and leave service. Ids are never reused.
import type { WorkerId, WorkerProcess, WorkerRegistration } from "../run-records.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { type Lease, leaseColumns, logAttempt, withoutAttempt } from "./end-lease.ts";
import { insertReady } from "./hot-run.ts";

/** Puts a worker into service for `ttlMs`. */
export function registerWorker(db: Connection, { name, ttlMs, process }: WorkerRegistration, nowMs: number): WorkerId {
  const sql = `insert into worker (name, state, expires_at, host, boot_id, pid, start_ticks)
    values (?, 'active', ?, ?, ?, ?, ?) returning id`;
  const { host, bootId, pid, startTicks } = process;
  const row = db.get<{ id: WorkerId }>(sql, name, nowMs + ttlMs, host, bootId, pid, startTicks);
  if (row === undefined) throw new RangeError("no id for the new worker");
  return row.id;
}

/** Takes the worker out of service and makes what it holds ready, without counting the attempt. */
export function retireWorker(db: Connection, workerId: WorkerId, nowMs: number): void {
  db.run("update worker set state = 'retired', ended_at = ? where id = ? and state = 'active'", nowMs, workerId);
  const held = db.all<Lease>(`delete from lease where worker_id = ? returning ${leaseColumns}`, workerId);
  for (const lease of held.sort((left, right) => left.runId - right.runId)) {
    logAttempt(db, lease, "released", undefined, nowMs);
    insertReady(db, withoutAttempt(lease));
    appendEvent(db, lease.runId, "released", undefined, nowMs);
  }
}

export interface WorkerInService {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly process: WorkerProcess;
  readonly expiresAtMs: number;
}

/** Workers not yet known to be dead, by id. */
export function listWorkers(db: Connection): WorkerInService[] {
  const sql = `select id as workerId, name, expires_at as expiresAtMs, host, boot_id as bootId, pid, start_ticks as startTicks
    from worker where state = 'active' order by id`;
  const rows = db.all<WorkerProcess & Omit<WorkerInService, "process">>(sql);
  return rows.map(({ workerId, name, expiresAtMs, ...process }) => ({ workerId, name, expiresAtMs, process }));
}

// Worker processes enter and leave service. Ids are never reused.
import type { WorkerId, WorkerProcess, WorkerRegistration } from "../rows/run-records.ts";
import { all, type Now, one, run, type Script } from "../rows/script.ts";
import { type Lease, leaseColumns } from "./end-leases.ts";
import { releaseLeases } from "./release-leases.ts";

/** Puts a worker into service for `ttlMs`. */
export function* registerWorker(registration: WorkerRegistration, { aliveMs }: Now): Script<WorkerId> {
  const { name, ttlMs, process, jobs = [] } = registration;
  const row = yield* one<{ id: WorkerId }>(
    `insert into worker (name, state, expires_at, host, boot_id, pid, start_ticks, jobs)
    values (?, 'active', ?, ?, ?, ?, ?, ?) returning id`,
    name,
    aliveMs + ttlMs,
    process.host,
    process.bootId,
    process.pid,
    process.startTicks,
    JSON.stringify(jobs),
  );
  if (row === undefined) throw new RangeError("no id for the new worker");
  return row.id;
}

/** Takes the worker out of service and makes what it holds ready, without counting the attempt. */
export function* retireWorker(workerId: WorkerId, nowMs: number): Script<void> {
  yield* run("update worker set state = 'retired', ended_at = ? where id = ? and state = 'active'", nowMs, workerId);
  const sql = `select ${leaseColumns} from lease where worker_id = ? order by run_id for update`;
  const held = yield* all<Lease>(sql, workerId);
  yield* releaseLeases(held, nowMs);
}

export interface WorkerInService {
  readonly workerId: WorkerId;
  readonly name: string;
  readonly process: WorkerProcess;
  /** By the time of day, as long as nobody changes that. */
  readonly expiresAtMs: number;
}

/** Workers not yet known to be dead, by id. */
export function* listWorkers({ nowMs, aliveMs }: Now): Script<WorkerInService[]> {
  const sql = `select id as "workerId", name, expires_at as "diesAtMs", host, boot_id as "bootId", pid,
    start_ticks as "startTicks" from worker where state = 'active' order by id`;
  const rows = yield* all<WorkerProcess & { workerId: WorkerId; name: string; diesAtMs: number }>(sql);
  return rows.map(({ workerId, name, diesAtMs, ...process }) => {
    return { workerId, name, expiresAtMs: nowMs + diesAtMs - aliveMs, process };
  });
}

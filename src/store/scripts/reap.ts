// Takes the runs of dead workers back. A worker is dead when its time ran out or its host says that the process is gone;
// how long a run takes never matters. Repeating it changes nothing.
import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { WorkerId } from "../run-records.ts";
import { all, idList, type Now, one, run, type Script } from "../script.ts";
import { appendEvents } from "./append-events.ts";
import { endLeases, type Lease, leaseColumns, withoutAttempt } from "./end-leases.ts";
import { endRuns } from "./end-runs.ts";
import { putBack } from "./put-back.ts";
import { wakeDependants } from "./wake-dependants.ts";

export interface ReapRequest {
  readonly limit: number;
  readonly deadWorkerIds: readonly WorkerId[];
  readonly maxLosses: number;
}

/** Whether a reap could find anything; asked without locks. */
export function* hasDead({ aliveMs }: Now): Script<boolean> {
  const sql = "select 1 as found from worker where state = 'active' and expires_at <= ? limit 1";
  if ((yield* one(sql, aliveMs)) !== undefined) return true;
  return (yield* one(`select 1 as found ${orphans} limit 1`)) !== undefined;
}

/** Marks dead workers, then requeues or ends at most `limit` of their runs. @returns those runs */
export function* reap({ limit, deadWorkerIds, maxLosses }: ReapRequest, now: Now): Script<RunId[]> {
  const { nowMs } = now;
  yield* markDead(deadWorkerIds, now);
  const leases = yield* lockOrphans(limit);
  if (leases.length === 0) return [];
  const requests = yield* endLeases(
    leases.map((lease) => ({ lease, end: "lost" as const })),
    nowMs,
  );
  const losses = yield* countLosses(leases.map(({ runId }) => runId));
  const lost = leases.map((lease) => ({ ...lease, losses: losses.get(lease.runId) ?? 0 }));
  yield* appendEvents(
    lost.map(({ runId, worker, epoch, losses: count }) => ({
      runId,
      type: "lost",
      data: { worker, epoch, losses: count },
    })),
    nowMs,
  );
  const { ended, back } = Object.groupBy(lost, (lease) => (lease.losses < maxLosses ? "back" : "ended"));
  yield* putBack((back ?? []).map(withoutAttempt), requests, nowMs);
  yield* giveUp(ended ?? [], nowMs);
  return leases.map(({ runId }) => runId);
}

// A lease whose worker is unknown or out of service. `lease` is as small as the slots of all workers.
const orphans = `from lease left join worker on worker.id = lease.worker_id
  where (worker.state is null or worker.state <> 'active')`;

interface Orphan extends Lease {
  readonly worker: string | null;
}

function* lockOrphans(limit: number): Script<readonly Orphan[]> {
  const sql = `select ${leaseColumns}, worker.name as worker ${orphans} order by lease.run_id limit ? for update of lease skip locked`;
  return yield* all<Orphan>(sql, Math.max(0, limit));
}

function* markDead(named: readonly WorkerId[], { nowMs, aliveMs }: Now): Script<void> {
  const kill = "update worker set state = 'dead', ended_at = ? where state = 'active' and";
  yield* run(`${kill} expires_at <= ?`, nowMs, aliveMs);
  if (named.length > 0) yield* run(`${kill} id in (ids ?)`, nowMs, idList(named));
}

function* countLosses(runIds: readonly RunId[]): Script<ReadonlyMap<RunId, number>> {
  const rows = yield* all<{ runId: RunId; losses: number }>(
    `select run_id as "runId", count(*) as losses from attempt_log where run_id in (ids ?) and "end" = 'lost' group by run_id`,
    idList(runIds),
  );
  return new Map(rows.map(({ runId, losses }) => [runId, losses]));
}

function* giveUp(lost: readonly (Lease & { losses: number })[], nowMs: number): Script<void> {
  const ends = lost.map(({ losses, ...lease }) => {
    const message = `workers died \`${losses}\` times while they ran \`${formatRunId(lease.runId)}\``;
    const hint = "look for what ends the process: memory, native code, or somebody who kills it";
    return { lease, error: new MillraceError("RUN_LOST", message, { hint }) };
  });
  yield* endRuns(
    ends.map(({ lease, error }) => ({
      run: withoutAttempt(lease),
      state: "ERROR",
      reason: "lost",
      error: toErrorRecord(error),
    })),
    nowMs,
  );
  yield* appendEvents(
    ends.map(({ lease: { runId }, error: { code, message } }) => {
      return { runId, type: "failed", data: { reason: "lost", code, message } };
    }),
    nowMs,
  );
  const wakes = ends.filter(({ lease }) => lease.hasChildren === 1);
  yield* wakeDependants(
    wakes.map(({ lease }) => ({ runId: lease.runId, verdict: "failed" })),
    nowMs,
  );
}

// Takes the runs of dead workers back. A worker is dead when its time ran out or its host says that the process is gone;
// how long a run takes never matters. Repeating it changes nothing. A death counts against a run only when it was alone aboard:
// of several nobody knows which one it was.
import { MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { Json, RunKind, WorkerId } from "../rows/run-records.ts";
import { all, idList, type Now, one, rowList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { endLeases, type Lease, leaseColumns, withoutAttempt } from "./end-leases.ts";
import { endRuns } from "./end-runs.ts";
import type { NewNotice } from "../../core/notification/notice.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import { enqueueNotices } from "../notifications/enqueue-notices.ts";
import { putBack } from "./put-back.ts";
import { wakeDependants } from "./wake-dependants.ts";

export interface ReapRequest {
  readonly limit: number;
  readonly deadWorkerIds: readonly WorkerId[];
  readonly maxLosses: number;
  /** What people are told of a run that ends so, in the same transaction. Default: nothing. */
  readonly noticesOf?: (lost: LostRun) => readonly NewNotice[];
}

/** A run that is not tried again because workers died of it. */
export interface LostRun {
  readonly runId: RunId;
  readonly job: string;
  readonly params: Json;
  readonly error: ErrorRecord;
}

/** Tells whether a reap could find anything; asked without locks. */
export function* hasDead({ aliveMs }: Now): Script<boolean> {
  const sql = "select 1 as found from worker where state = 'active' and expires_at <= ? limit 1";
  if ((yield* one(sql, aliveMs)) !== undefined) return true;
  return (yield* one(`select 1 as found ${orphans} limit 1`)) !== undefined;
}

/** Marks dead workers, then requeues or ends at most `limit` of their runs. @returns those runs */
export function* reap({ limit, deadWorkerIds, maxLosses, noticesOf }: ReapRequest, now: Now): Script<RunId[]> {
  const { nowMs } = now;
  yield* markDead(deadWorkerIds, now);
  const leases = yield* lockOrphans(limit);
  if (leases.length === 0) return [];
  const requests = yield* endLeases(
    leases.map((lease) => ({ lease, end: "lost" as const })),
    nowMs,
  );
  const losses = yield* countLosses(leases.filter(({ kind }) => kind === "job"));
  yield* appendEvents(
    leases.map(({ runId, worker, epoch, aboard }) => ({
      runId,
      type: "lost",
      data: { worker, epoch, aboard, losses: losses.get(runId)?.losses ?? 0 },
    })),
    nowMs,
  );
  const lost = leases.map((lease) => ({ ...lease, alone: losses.get(lease.runId)?.alone ?? 0 }));
  const { ended, back } = Object.groupBy(lost, ({ alone }) => (alone < maxLosses ? "back" : "ended"));
  yield* putBack((back ?? []).map(withoutAttempt), requests, nowMs);
  const given = yield* giveUp(ended ?? [], nowMs);
  yield* enqueueNotices(
    given.flatMap((run) => noticesOf?.(run) ?? []),
    nowMs,
  );
  return leases.map(({ runId }) => runId);
}

// A lease whose worker is unknown or out of service. `lease` is as small as the slots of all workers.
const orphans = `from lease left join worker on worker.id = lease.worker_id
  where (worker.state is null or worker.state <> 'active')`;

interface Orphan extends Lease {
  readonly worker: string | null;
  /** Job runs that its worker held when it died; null when nobody counted. */
  readonly aboard: number | null;
  readonly kind: RunKind;
  readonly job: string;
  /** As JSON. */
  readonly params: string;
}

function* lockOrphans(limit: number): Script<readonly Orphan[]> {
  const sql = `select ${leaseColumns}, worker.name as worker, worker.aboard,
    (select lane.kind from lane where lane.id = lease.lane_id) as kind, (select run.job from run where run.id = lease.run_id) as job,
    (select run.params from run where run.id = lease.run_id) as params
    ${orphans} order by lease.run_id limit ? for update of lease skip locked`;
  return yield* all<Orphan>(sql, Math.max(0, limit));
}

// The runs of a dead worker are counted in the moment of its death, since they are taken back in chunks. A pipeline is summed up by the
// orchestrator alone, so it kills no worker.
function* markDead(named: readonly WorkerId[], { nowMs, aliveMs }: Now): Script<void> {
  const kill = `update worker set state = 'dead', ended_at = ?, aboard = (select count(*) from lease
    join lane on lane.id = lease.lane_id where lease.worker_id = worker.id and lane.kind = 'job')
    where state = 'active' and`;
  yield* run(`${kill} expires_at <= ?`, nowMs, aliveMs);
  if (named.length > 0) yield* run(`${kill} id in (ids ?)`, nowMs, idList(named));
}

interface Losses {
  readonly runId: RunId;
  readonly losses: number;
  readonly alone: number;
}

// The leases are locked, so nobody else counts a loss of these runs.
function* countLosses(leases: readonly Orphan[]): Script<ReadonlyMap<RunId, Losses>> {
  if (leases.length === 0) return new Map();
  const rows = yield* all<Losses>(
    `insert into loss (run_id, losses, alone)
    select cast(r.value ->> 'run' as bigint), 1, cast(r.value ->> 'alone' as int) from (rows ?) r where true
    on conflict (run_id) do update set losses = loss.losses + 1, alone = loss.alone + excluded.alone
    returning run_id as "runId", losses, alone`,
    rowList(leases.map(({ runId, aboard }) => ({ run: runId, alone: aboard === 1 ? 1 : 0 }))),
  );
  return new Map(rows.map((row) => [row.runId, row]));
}

function* giveUp(
  lost: readonly (Lease & { readonly alone: number; readonly job: string; readonly params: string })[],
  nowMs: number,
): Script<readonly LostRun[]> {
  const ends = lost.map(({ alone, job, params, ...lease }) => {
    const message = `workers died \`${alone}\` times while they ran \`${formatRunId(lease.runId)}\` and nothing else`;
    const hint = "look for what ends the process: memory, native code, or somebody who kills it";
    const error = toErrorRecord(new MillraceError("RUN_LOST", message, { hint }));
    return { lease, job, params: JSON.parse(params) as Json, error };
  });
  yield* endRuns(
    ends.map(({ lease, error }) => ({
      run: withoutAttempt(lease),
      state: "ERROR",
      reason: "lost",
      error,
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
  return ends.map(({ lease: { runId }, job, params, error }) => ({ runId, job, params, error }));
}

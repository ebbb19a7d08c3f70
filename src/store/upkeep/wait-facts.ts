// What is known about why a run is where it is, from the same rows that the orchestrator goes by.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../rows/run-records.ts";
import { all, type Now, one, type Script } from "../rows/script.ts";
import type { WaitFacts } from "./upkeep-store.ts";
import { findRun } from "../rows/run-summaries.ts";
import { listBlockedGates } from "./wait-gates.ts";

const maxUpstream = 10;
const maxAhead = 1_000;

/** `undefined` for an unknown run. */
export function* findWaitFacts(runId: RunId, now: Now): Script<WaitFacts | undefined> {
  const run = yield* findRun(runId);
  if (run === undefined) return undefined;
  const place = yield* findPlace(runId);
  const upstream = yield* listUpstream(runId);
  const losses = yield* findLosses(runId);
  return {
    run,
    nowMs: now.nowMs,
    held: place?.held ?? "outcome",
    upstream: upstream.filter(({ state }) => state !== "FINISHED" && state !== "ERROR"),
    failedUpstream: upstream.filter(({ state }) => state === "ERROR"),
    ahead: place?.held === "ready" ? yield* countAhead(runId) : 0,
    blockedGates: place === undefined ? [] : yield* listBlockedGates(place.gates, now.nowMs),
    pausedBy: yield* findPause(runId, run.job),
    request: yield* findRequest(runId),
    orchestratorStopped: yield* findEngineStop(),
    workers: yield* countWorkers(run, now.aliveMs),
    executing: yield* findHolder(runId, now.aliveMs),
    retry: place?.held === "scheduled" ? yield* findRetry(runId) : undefined,
    ...(run.reason === "waiting_poll" ? yield* findSnooze(runId) : {}),
    lastError: run.error ?? (yield* findLastError(runId)),
    ...(losses === undefined ? {} : { losses }),
  };
}

interface Place {
  readonly held: Exclude<WaitFacts["held"], "outcome">;
  readonly gates: string;
}

function* findPlace(runId: RunId): Script<Place | undefined> {
  const tables = ["waiting", "scheduled", "ready", "parked", "lease"] as const;
  const branches = tables.map((table) => `select '${table}' as held, lane_id from ${table} where run_id = ?`);
  const sql = `select hot.held, lane.gates from (${branches.join(" union all ")}) hot join lane on lane.id = hot.lane_id`;
  return yield* one<Place>(sql, ...tables.map(() => runId));
}

// Those that hold it up themselves come before those that wait, too; of a pipeline these are its members.
function* listUpstream(runId: RunId): Script<WaitFacts["upstream"]> {
  const branch = (condition: string): string => `select * from (
    select edge.parent_id as id, case when outcome.run_id is null then 0 else 1 end as ended,
      case when waiting.run_id is null then 0 else 1 end as blocked
    from edge left join outcome on outcome.run_id = edge.parent_id left join waiting on waiting.run_id = edge.parent_id
    where edge.child_id = ? and ${condition} order by 3, 1 limit ${maxUpstream}) chosen`;
  const rows = yield* all<{ id: RunId }>(
    `select id from (${branch("outcome.run_id is null")} union all ${branch("outcome.state = 'ERROR'")}) parents
    order by ended, blocked, id`,
    runId,
    runId,
  );
  const upstream: WaitFacts["upstream"][number][] = [];
  for (const { id } of rows) {
    const run = yield* findRun(id);
    if (run === undefined) continue;
    const { job, state, reason, runAtMs } = run;
    upstream.push({ runId: id, job, state, reason, runAtMs });
  }
  return upstream;
}

// A range of the primary key of `ready` for each lane, counted up to a thousand: beyond that only "many" matters.
function* countAhead(runId: RunId): Script<number> {
  const row = yield* one<{ ahead: number | null }>(
    `with recursive self as (select priority, seq from ready where run_id = ?),
    busy (lane_id) as (select min(lane_id) from ready
      union all select (select min(ready.lane_id) from ready where ready.lane_id > busy.lane_id) from busy
        where busy.lane_id is not null)
    select cast(sum((select count(*) from (select 1 from ready, self where ready.lane_id = busy.lane_id
      and (ready.priority, ready.seq) < (self.priority, self.seq) limit ${maxAhead}) sooner)) as bigint) as ahead from busy`,
    runId,
  );
  return Math.min(row?.ahead ?? 0, maxAhead);
}

function* findPause(runId: RunId, job: string): Script<WaitFacts["pausedBy"]> {
  const pause = yield* one<{ by: string; reason: string | null; scope: "run" | "job" }>(
    `select by_whom as "by", reason, scope from (
      select 1 as place, paused_by as by_whom, reason, cause as scope from parked where run_id = ?
      union all select 2, requested_by, reason, cause from request where run_id = ? and action = 'pause'
      union all select 3, paused_by, reason, 'job' from paused_job where job = ?) pauses order by place limit 1`,
    runId,
    runId,
    job,
  );
  return pause === undefined ? undefined : { ...pause, reason: pause.reason ?? undefined };
}

function* findRequest(runId: RunId): Script<WaitFacts["request"]> {
  return yield* one<{ action: string; by: string }>(
    `select action, requested_by as "by" from request where run_id = ?`,
    runId,
  );
}

function* findEngineStop(): Script<WaitFacts["orchestratorStopped"]> {
  const row = yield* one<{ by: string; reason: string | null }>(
    `select changed_by as "by", reason from engine where id = 1 and claiming = 0`,
  );
  return row === undefined ? undefined : { by: row.by, reason: row.reason ?? undefined };
}

// Workers that do not say which jobs they have may have any.
function* countWorkers({ job, kind }: RunSummary, aliveMs: number): Script<WaitFacts["workers"]> {
  const rows = yield* all<{ jobs: string }>(
    "select jobs from worker where state = 'active' and expires_at > ?",
    aliveMs,
  );
  const withJob = rows.filter(({ jobs }) => {
    const names = JSON.parse(jobs) as string[];
    return kind === "pipeline" || names.length === 0 || names.includes(job);
  });
  return { inService: rows.length, withJob: withJob.length };
}

function* findHolder(runId: RunId, aliveMs: number): Script<WaitFacts["executing"]> {
  const row = yield* one<{ worker: string | null; sinceMs: number; alive: number }>(
    `select worker.name as worker, lease.started_at as "sinceMs",
      case when worker.state = 'active' and worker.expires_at > ? then 1 else 0 end as alive
    from lease left join worker on worker.id = lease.worker_id where lease.run_id = ?`,
    aliveMs,
    runId,
  );
  if (row === undefined) return undefined;
  return { worker: row.worker ?? "unknown", sinceMs: row.sinceMs, isWorkerAlive: row.alive === 1 };
}

function* findLosses(runId: RunId): Script<WaitFacts["losses"]> {
  return yield* one<{ count: number; alone: number }>(
    "select losses as count, alone from loss where run_id = ?",
    runId,
  );
}

// What the last retry was planned as.
function* findRetry(runId: RunId): Script<WaitFacts["retry"]> {
  const row = yield* one<{ data: string | null }>(
    "select data from event where run_id = ? and type = 'retry_scheduled' order by seq desc limit 1",
    runId,
  );
  if (row === undefined || row.data === null) return undefined;
  const { tier, retries } = JSON.parse(row.data) as Partial<NonNullable<WaitFacts["retry"]>>;
  return tier === undefined || retries === undefined ? undefined : { tier, retries };
}

function* findSnooze(runId: RunId): Script<Pick<WaitFacts, "snoozedBecause">> {
  const row = yield* one<{ data: string }>(
    "select data from event where run_id = ? and type = 'snoozed' order by seq desc limit 1",
    runId,
  );
  const { because } = JSON.parse(row?.data ?? "{}") as { readonly because?: string };
  return because === undefined ? {} : { snoozedBecause: because };
}

function* findLastError(runId: RunId): Script<ErrorRecord | undefined> {
  const row = yield* one<{ error: string }>(
    "select error from attempt_log where run_id = ? and error is not null order by epoch desc limit 1",
    runId,
  );
  return row === undefined ? undefined : (JSON.parse(row.error) as ErrorRecord);
}

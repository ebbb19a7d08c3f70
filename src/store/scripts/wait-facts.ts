// What is known about why a run is where it is, from the same rows that the engine goes by.
import type { ErrorRecord } from "../../core/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../run-records.ts";
import { all, one, rowList, type Script } from "../script.ts";
import type { WaitFacts } from "../upkeep-store.ts";
import { findRun } from "./run-summaries.ts";

const maxUpstream = 10;
const maxAhead = 1_000;

/** `undefined` for an unknown run. */
export function* findWaitFacts(runId: RunId, nowMs: number): Script<WaitFacts | undefined> {
  const run = yield* findRun(runId);
  if (run === undefined) return undefined;
  const place = yield* findPlace(runId);
  return {
    run,
    held: place?.held ?? "outcome",
    upstream: yield* listUnfinishedUpstream(runId),
    ahead: place?.held === "ready" ? yield* countAhead(runId) : 0,
    blockedGates: place === undefined ? [] : yield* listBlockedGates(place.gates, nowMs),
    pausedBy: yield* findPause(runId, run.job),
    request: yield* findRequest(runId),
    engineStopped: yield* findEngineStop(),
    workers: yield* countWorkers(run),
    lastError: run.error ?? (yield* findLastError(runId)),
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

function* listUnfinishedUpstream(runId: RunId): Script<WaitFacts["upstream"]> {
  const rows = yield* all<{ runId: RunId }>(
    `select edge.parent_id as "runId" from edge left join outcome on outcome.run_id = edge.parent_id
    where edge.child_id = ? and outcome.run_id is null order by edge.parent_id limit ${maxUpstream}`,
    runId,
  );
  const upstream: { runId: RunId; job: string; state: RunSummary["state"] }[] = [];
  for (const row of rows) {
    const run = yield* findRun(row.runId);
    if (run !== undefined) upstream.push({ runId: run.id, job: run.job, state: run.state });
  }
  return upstream;
}

// Counted up to a thousand: beyond that only "many" matters.
function* countAhead(runId: RunId): Script<number> {
  const row = yield* one<{ ahead: number }>(
    `select count(*) as ahead from (select 1 from ready self join ready other on other.priority < self.priority
      or (other.priority = self.priority and other.seq < self.seq) where self.run_id = ? limit ${maxAhead}) others`,
    runId,
  );
  return row?.ahead ?? 0;
}

interface GateRow {
  readonly gate: string;
  readonly capacity: number | null;
  readonly blockedUntil: number | null;
  readonly halfOpen: number;
  readonly held: number;
}

function* listBlockedGates(gates: string, nowMs: number): Script<WaitFacts["blockedGates"]> {
  const names = JSON.parse(gates) as string[];
  if (names.length === 0) return [];
  const rows = yield* all<GateRow>(
    `select gate.name as gate, capacity, blocked_until as "blockedUntil", half_open as "halfOpen",
      (select count(*) from slot where slot.gate = gate.name) as held
    from gate where gate.name in (select r.value ->> 'name' from (rows ?) r) order by gate.name`,
    rowList(names.map((name) => ({ name }))),
  );
  return rows
    .map(({ capacity, halfOpen, ...row }) => ({ ...row, capacity: halfOpen === 1 ? 1 : (capacity ?? undefined) }))
    .filter(({ capacity, blockedUntil, held }) => (blockedUntil ?? 0) > nowMs || held >= (capacity ?? Infinity))
    .map(({ gate, capacity, held, blockedUntil }) => {
      return { gate, capacity, held, blockedUntilMs: blockedUntil ?? undefined };
    });
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

function* findEngineStop(): Script<WaitFacts["engineStopped"]> {
  const row = yield* one<{ by: string; reason: string | null }>(
    `select changed_by as "by", reason from engine where id = 1 and claiming = 0`,
  );
  return row === undefined ? undefined : { by: row.by, reason: row.reason ?? undefined };
}

// Workers that do not say which jobs they have may have any.
function* countWorkers({ job, kind }: RunSummary): Script<WaitFacts["workers"]> {
  const rows = yield* all<{ jobs: string }>("select jobs from worker where state = 'active'");
  const withJob = rows.filter(({ jobs }) => {
    const names = JSON.parse(jobs) as string[];
    return kind === "pipeline" || names.length === 0 || names.includes(job);
  });
  return { inService: rows.length, withJob: withJob.length };
}

function* findLastError(runId: RunId): Script<ErrorRecord | undefined> {
  const row = yield* one<{ error: string }>(
    "select error from attempt_log where run_id = ? and error is not null order by epoch desc limit 1",
    runId,
  );
  return row === undefined ? undefined : (JSON.parse(row.error) as ErrorRecord);
}

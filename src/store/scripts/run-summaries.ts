// Runs as lists and pages show them. State is not stored: it is which table holds the run.
import type { ErrorRecord } from "../../core/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { isTerminal, type RunReason, type RunState } from "../../core/run-state.ts";
import type { Json, ProgressRecord, RunFilter, RunKind, RunSummary } from "../run-records.ts";
import { all, one, type Script, type SqlValue } from "../script.ts";

/** One primary key look-up in each table. */
export function* findRun(runId: RunId): Script<RunSummary | undefined> {
  const row = yield* one<SummaryRow>(`${summary("run r")} where r.id = ?`, runId);
  return row === undefined ? undefined : toSummary(row);
}

/**
 * Newest first, a keyset page; that of a live state reads all runs of its hot tables (20,000 in 35 ms). The list is driven
 * by what the filter makes small: the children of a run, the hot tables of a live state, the index outcome_by_state of a
 * terminal one, the runs of a job, else ids downwards.
 */
export function* listRuns(filter: RunFilter): Script<RunSummary[]> {
  const { job, state, parentRunId, rootsOnly, before, limit } = filter;
  const where: string[] = [];
  const params: SqlValue[] = [];
  const add = (condition: string, ...values: SqlValue[]): void => {
    where.push(condition);
    params.push(...values);
  };
  if (job !== undefined) add("r.job = ?", job);
  if (parentRunId !== undefined) add("r.parent_run_id = ?", parentRunId);
  if (rootsOnly === true) add("r.parent_run_id is null");
  if (state !== undefined) add(`${stateColumn} = ?`, state);
  const isNarrow = state === undefined || job !== undefined || parentRunId !== undefined;
  const source = isNarrow ? "run r" : stateSource(state);
  // The key of the outer loop: where one index drives it, that gives the order and nothing is sorted.
  const key = isNarrow ? "r.id" : "x.run_id";
  add(`${key} < ?`, before ?? Number.MAX_SAFE_INTEGER);
  if (source === terminalSource && state !== undefined) add("x.state = ?", state);
  const sql = `${summary(source)} where ${where.join(" and ")} order by ${key} desc limit ?`;
  const rows = yield* all<SummaryRow>(sql, ...params, Math.max(0, limit));
  return rows.map(toSummary);
}

/** The run with that job name upstream, however far; walks the index edge_by_child from the run towards the first ones. */
export function* findUpstream(runId: RunId, job: string): Script<RunSummary | undefined> {
  const sql = `with recursive upstream (id) as (select parent_id from edge where child_id = ?
      union select edge.parent_id from edge join upstream on edge.child_id = upstream.id)
    select run.id from upstream ordered join run on run.id = upstream.id where run.job = ? limit 1`;
  const row = yield* one<{ id: RunId }>(sql, runId, job);
  return row === undefined ? undefined : yield* findRun(row.id);
}

/** Reads every child; a submission bounds how many there are. */
export function* countChildren(runId: RunId): Script<Partial<Record<RunState, number>>> {
  const sql = `select ${stateColumn} as state, count(*) as count from run r ${joins} where r.parent_run_id = ? group by 1`;
  const rows = yield* all<{ state: RunState; count: number }>(sql, runId);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Edges between the children of a run. */
export function* listEdges(parentRunId: RunId): Script<readonly { from: RunId; to: RunId }[]> {
  const sql = `select edge.parent_id as "from", edge.child_id as "to" from run child
    join edge on edge.child_id = child.id join run parent on parent.id = edge.parent_id
    where child.parent_run_id = ? and parent.parent_run_id = child.parent_run_id order by 1, 2`;
  return yield* all<{ from: RunId; to: RunId }>(sql, parentRunId);
}

// A pipeline runs from the first claim of a member to its own outcome, whichever hot table it waits in.
const stateColumn = `case when o.run_id is not null then o.state when p.run_id is not null or rq.run_id is not null then 'PAUSED'
  when l.run_id is not null or ps.run_id is not null then 'RUNNING' else 'PENDING' end`;

const reasonColumn = `case when o.run_id is not null then o.reason when p.run_id is not null then p.scheduled_reason
  when s.run_id is not null then s.reason when w.run_id is not null and r.kind = 'job' then 'waiting_upstream' end`;

const startedColumn = `coalesce(ps.started_at, l.started_at,
  (select started_at from attempt_log a where a.run_id = r.id order by a.epoch desc limit 1))`;

const joins = `left join outcome o on o.run_id = r.id left join lease l on l.run_id = r.id
  left join ready q on q.run_id = r.id left join scheduled s on s.run_id = r.id
  left join waiting w on w.run_id = r.id left join parked p on p.run_id = r.id
  left join request rq on rq.run_id = w.run_id and rq.action = 'pause'
  left join pipeline_start ps on ps.run_id = r.id`;

function summary(source: string): string {
  return `select r.id, r.job, r.kind, r.parent_run_id as "parentRunId", ${stateColumn} as state, ${reasonColumn} as reason,
    coalesce(o.attempt, l.attempt, q.attempt, s.attempt, w.attempt, p.attempt) as attempt,
    coalesce(o.epoch, l.epoch, q.epoch, s.epoch, w.epoch, p.epoch) as epoch,
    r.params, r.window_from as "windowFrom", r.window_to as "windowTo", r.tenant,
    r.created_by as "createdBy", r.created_at as "createdAtMs", ${startedColumn} as "startedAtMs",
    o.finished_at as "finishedAtMs", coalesce(s.run_at, w.run_at, p.run_at) as "runAtMs", o.result, o.error,
    g.done, g.total, g.operation, g.at as "progressAtMs"
    from ${source} ${joins} left join progress g on g.run_id = r.id`;
}

// `ordered join`: the small table outside.
const terminalSource = "outcome x ordered join run r on r.id = x.run_id";

function stateSource(state: RunState): string {
  if (isTerminal(state)) return terminalSource;
  // Only a pipeline's row is in pipeline_start, so what these scan beside `lease` is the live runs.
  const started = ["waiting", "ready", "scheduled"].map(
    (table) => `select run_id from ${table} where +run_id in (select run_id from pipeline_start)`,
  );
  const held = {
    RUNNING: ["select run_id from lease", ...started].join(" union all "),
    PAUSED: `select run_id from parked
      union all select waiting.run_id from waiting join request on request.run_id = waiting.run_id where request.action = 'pause'`,
    PENDING: "select run_id from ready union all select run_id from waiting union all select run_id from scheduled",
  };
  const ids = state === "RUNNING" || state === "PAUSED" ? held[state] : held.PENDING;
  return `(${ids}) x ordered join run r on r.id = x.run_id`;
}

interface SummaryRow {
  readonly id: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly parentRunId: RunId | null;
  readonly state: RunState;
  readonly reason: RunReason | null;
  readonly attempt: number;
  readonly epoch: number;
  readonly params: string;
  readonly windowFrom: string | null;
  readonly windowTo: string | null;
  readonly tenant: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly runAtMs: number | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly operation: string | null;
  readonly progressAtMs: number | null;
}

function toSummary(row: SummaryRow): RunSummary {
  const { id, job, kind, state, attempt, epoch, windowFrom, windowTo, tenant, createdBy, createdAtMs } = row;
  return {
    id,
    job,
    kind,
    parentRunId: row.parentRunId ?? undefined,
    state,
    reason: row.reason ?? undefined,
    attempt,
    epoch,
    params: JSON.parse(row.params) as Json,
    window: windowFrom === null || windowTo === null ? undefined : { from: windowFrom, to: windowTo },
    tenant,
    createdBy,
    createdAtMs,
    startedAtMs: row.startedAtMs ?? undefined,
    finishedAtMs: row.finishedAtMs ?? undefined,
    runAtMs: row.runAtMs ?? undefined,
    result: row.result === null ? undefined : (JSON.parse(row.result) as Json),
    error: row.error === null ? undefined : (JSON.parse(row.error) as ErrorRecord),
    progress: toProgress(row),
  };
}

function toProgress({ id, done, total, operation, progressAtMs }: SummaryRow): ProgressRecord | undefined {
  if (progressAtMs === null) return undefined;
  const known = { done: done ?? undefined, total: total ?? undefined, operation: operation ?? undefined };
  return { runId: id, ...known, atMs: progressAtMs };
}

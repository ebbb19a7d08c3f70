// Runs as lists and pages show them. State is not stored: it is which table holds the run.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { Json, ProgressRecord, RunFilter, RunKind, RunSummary } from "./run-records.ts";
import { all, idList, one, type Script } from "./script.ts";
import { listRunIds } from "./run-pages.ts";
import { reasonColumn, startedColumn, stateColumn, stateJoins } from "./run-state-columns.ts";

/** One primary key look-up in each table. */
export function* findRun(runId: RunId): Script<RunSummary | undefined> {
  const row = yield* one<SummaryRow>(`${summary} where r.id = ?`, runId);
  return row === undefined ? undefined : toSummary(row);
}

/** Newest first, a keyset page: which runs by their ids first, then these in full. */
export function* listRuns(filter: RunFilter): Script<RunSummary[]> {
  return yield* findRuns(yield* listRunIds(filter));
}

/** Those of the runs that exist, newest first. */
export function* findRuns(ids: readonly RunId[]): Script<RunSummary[]> {
  if (ids.length === 0) return [];
  const rows = yield* all<SummaryRow>(`${summary} where r.id in (ids ?) order by r.id desc`, idList(ids));
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
  const sql = `select ${stateColumn} as state, count(*) as count from run r ${stateJoins} where r.parent_run_id = ? group by 1`;
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

const summary = `select r.id, r.job, r.kind, r.parent_run_id as "parentRunId", r.root_run_id as "rootRunId",
  ${stateColumn} as state, ${reasonColumn} as reason,
  coalesce(o.attempt, l.attempt, q.attempt, s.attempt, w.attempt, p.attempt) as attempt,
  coalesce(o.epoch, l.epoch, q.epoch, s.epoch, w.epoch, p.epoch) as epoch,
  r.params, r.window_from as "windowFrom", r.window_to as "windowTo", r.tenant,
  r.created_by as "createdBy", r.created_at as "createdAtMs", ${startedColumn} as "startedAtMs", l.started_at as "attemptStartedAtMs",
  o.finished_at as "finishedAtMs", coalesce(s.run_at, w.run_at, p.run_at) as "runAtMs", o.result, o.error,
  g.done, g.total, g.operation, g.at as "progressAtMs"
  from run r ${stateJoins} left join progress g on g.run_id = r.id`;

interface SummaryRow {
  readonly id: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly parentRunId: RunId | null;
  readonly rootRunId: RunId;
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
  readonly attemptStartedAtMs: number | null;
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
  const { id, job, kind, rootRunId, state, attempt, epoch, windowFrom, windowTo, tenant, createdBy, createdAtMs } = row;
  return {
    id,
    job,
    kind,
    parentRunId: row.parentRunId ?? undefined,
    rootRunId,
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
    attemptStartedAtMs: row.attemptStartedAtMs ?? undefined,
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

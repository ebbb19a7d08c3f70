// New work. One transaction writes all runs of a submission with their edges, each already in its hot table.
import type { RunId } from "../../core/run-id.ts";
import type { SubmitResult } from "../run-records.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { insertReadyOrScheduled, type HotRun } from "./hot-run.ts";
import type { PreparedRun, PreparedSubmission } from "./prepare-submission.ts";

/** Writes the submission, unless its key names an unfinished run. Cost: about 6 b-tree inserts a run and 2 an edge. */
export function submit(db: Connection, submission: PreparedSubmission, nowMs: number): SubmitResult {
  const existing = findByKey(db, submission.runKey);
  if (existing !== undefined) return { rootRunId: existing, runIds: [existing], created: false };
  const rootRunId = nextRunId(db);
  const runIds = submission.runs.map((_, position) => (rootRunId + position) as RunId);
  submission.runs.forEach((prepared, position) => {
    const runId = idAt(runIds, position);
    const parentRunId = prepared.run.parent === undefined ? undefined : idAt(runIds, prepared.run.parent);
    insertRun(
      db,
      prepared,
      { runId, rootRunId, parentRunId, runKey: position === 0 ? submission.runKey : undefined },
      nowMs,
    );
    placeRun(db, prepared, runId, nowMs);
    appendEvent(db, runId, "submitted", { createdBy: prepared.run.createdBy }, nowMs);
  });
  for (const { parent, child, policy } of submission.edges) {
    const sql = "insert into edge (parent_id, child_id, policy) values (?, ?, ?)";
    db.run(sql, idAt(runIds, parent), idAt(runIds, child), policy);
  }
  if (submission.runKey !== undefined) {
    db.run("insert into run_key (run_id, key) values (?, ?)", rootRunId, submission.runKey);
  }
  return { rootRunId, runIds, created: true };
}

// A key is in the table only while its run is unfinished.
function findByKey(db: Connection, runKey: string | undefined): RunId | undefined {
  if (runKey === undefined) return undefined;
  return db.get<{ runId: RunId }>("select run_id as runId from run_key where key = ?", runKey)?.runId;
}

// Ids are chosen here, so that a run can name a parent that comes later; the write lock makes that safe.
// `sqlite_sequence` remembers the greatest id ever given, so none is used twice.
function nextRunId(db: Connection): RunId {
  const row = db.get<{ seq: number }>("select seq from sqlite_sequence where name = 'run'");
  return ((row?.seq ?? 0) + 1) as RunId;
}

interface RunPlace {
  readonly runId: RunId;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | undefined;
  readonly runKey: string | undefined;
}

function insertRun(db: Connection, { run, paramsJson }: PreparedRun, place: RunPlace, nowMs: number): void {
  const sql = `insert into run (id, job, kind, parent_run_id, root_run_id, params, window_from, window_to, tenant,
    created_by, run_key, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const ids = [place.runId, run.job, run.kind, place.parentRunId ?? null, place.rootRunId] as const;
  const window = [run.window?.from ?? null, run.window?.to ?? null] as const;
  db.run(sql, ...ids, paramsJson, ...window, run.tenant, run.createdBy, place.runKey ?? null, nowMs);
}

function placeRun(db: Connection, prepared: PreparedRun, runId: RunId, nowMs: number): void {
  const { pending, hasChildren } = prepared;
  const { priority = 0, runAtMs } = prepared.run;
  const hot: HotRun = { runId, priority, epoch: 0, attempt: 0, hasChildren: hasChildren ? 1 : 0 };
  if (pending === 0) {
    insertReadyOrScheduled(db, hot, runAtMs, nowMs);
    return;
  }
  const sql = `insert into waiting (run_id, pending, run_at, priority, epoch, attempt, has_children)
    values (?, ?, ?, ?, 0, 0, ?)`;
  db.run(sql, runId, pending, runAtMs ?? null, priority, hot.hasChildren);
}

function idAt(runIds: readonly RunId[], position: number): RunId {
  const runId = runIds[position];
  if (runId === undefined) throw new RangeError(`no run at position ${position}`);
  return runId;
}

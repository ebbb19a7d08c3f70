// What happened to a run: its events and its attempts, oldest first.
import type { ErrorRecord } from "../../core/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { AttemptRecord, Json, RunEvent } from "../run-records.ts";
import type { Connection } from "./connection.ts";

interface EventRow {
  readonly runId: RunId;
  readonly seq: number;
  readonly type: string;
  readonly data: string | null;
  readonly atMs: number;
}

/** Events after `afterSeq`, by `seq`; one range of the primary key. */
export function listEvents(db: Connection, runId: RunId, afterSeq: number, limit: number): RunEvent[] {
  const sql = `select run_id as runId, seq, type, data, at as atMs from event
    where run_id = ? and seq > ? order by seq limit ?`;
  return db.all<EventRow>(sql, runId, afterSeq, Math.max(0, limit)).map(({ data, ...event }) => {
    return data === null ? event : { ...event, data: JSON.parse(data) as Json };
  });
}

/** Ended attempts by epoch; a running one shows in the run's summary. */
export function listAttempts(db: Connection, runId: RunId): AttemptRecord[] {
  const sql = `select epoch, attempt, coalesce(worker.name, '') as worker, started_at as startedAtMs,
    attempt_log.ended_at as endedAtMs, end, error
    from attempt_log left join worker on worker.id = attempt_log.worker_id where run_id = ? order by epoch`;
  const rows = db.all<Omit<AttemptRecord, "error"> & { readonly error: string | null }>(sql, runId);
  return rows.map((row) => ({
    ...row,
    error: row.error === null ? undefined : (JSON.parse(row.error) as ErrorRecord),
  }));
}

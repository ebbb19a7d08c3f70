// Reads what happened to a run: its events and its attempts, oldest first.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { AttemptMetrics, AttemptRecord, Json, RunEvent } from "./run-records.ts";
import { all, type Script } from "./script.ts";

interface EventRow {
  readonly runId: RunId;
  readonly seq: number;
  readonly type: string;
  readonly data: string | null;
  readonly atMs: number;
}

/** Events after `afterSeq`, by `seq`; one range of the primary key. */
export function* listEvents(runId: RunId, afterSeq: number, limit: number): Script<RunEvent[]> {
  const sql = `select run_id as "runId", seq, type, data, at as "atMs" from event
    where run_id = ? and seq > ? order by seq limit ?`;
  const rows = yield* all<EventRow>(sql, runId, afterSeq, Math.max(0, limit));
  return rows.map(({ data, ...event }) => (data === null ? event : { ...event, data: JSON.parse(data) as Json }));
}

interface AttemptRow extends Omit<AttemptRecord, "error" | "metrics" | "code"> {
  readonly error: string | null;
  readonly metrics: string | null;
  readonly code: string | null;
}

/** Ended attempts by epoch, the last `limit` of them; a running one shows in the run's summary. */
export function* listAttempts(runId: RunId, limit: number = Number.MAX_SAFE_INTEGER): Script<AttemptRecord[]> {
  const sql = `select epoch, attempt, coalesce(worker.name, '') as worker, started_at as "startedAtMs",
    attempt_log.ended_at as "endedAtMs", "end", error, metrics, code
    from attempt_log left join worker on worker.id = attempt_log.worker_id where run_id = ? order by epoch desc limit ?`;
  const rows = yield* all<AttemptRow>(sql, runId, limit);
  return rows.toReversed().map(({ error, metrics, code, ...row }) => ({
    ...row,
    error: error === null ? undefined : (JSON.parse(error) as ErrorRecord),
    metrics: metrics === null ? undefined : (JSON.parse(metrics) as AttemptMetrics),
    code: code ?? undefined,
  }));
}

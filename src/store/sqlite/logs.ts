// Log lines of runs. Not fenced: what a handler said before it lost its lease is worth reading.
import type { RunId } from "../../core/run-id.ts";
import type { Json, LogLevel, LogLine, NewLogLine } from "../run-records.ts";
import type { Connection } from "./connection.ts";

/** Numbers each line within its run, in the order given. */
export function appendLogs(db: Connection, lines: readonly NewLogLine[]): void {
  const sql = `insert into log (run_id, seq, level, message, fields, at)
    select ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ? from log where run_id = ?`;
  for (const { runId, atMs, level, message, fields } of lines) {
    db.run(sql, runId, level, message, fields === undefined ? null : JSON.stringify(fields), atMs, runId);
  }
}

interface LogRow {
  readonly runId: RunId;
  readonly seq: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: string | null;
  readonly atMs: number;
}

/** In order of `seq`, after `afterSeq`. */
export function listLogs(db: Connection, runId: RunId, afterSeq: number, limit: number): LogLine[] {
  const sql = `select run_id as runId, seq, level, message, fields, at as atMs from log
    where run_id = ? and seq > ? order by seq limit ?`;
  return db.all<LogRow>(sql, runId, afterSeq, Math.max(0, limit)).map(({ fields, ...line }) => {
    return fields === null ? line : { ...line, fields: JSON.parse(fields) as Json };
  });
}

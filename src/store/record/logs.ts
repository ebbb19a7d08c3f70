// Log lines of runs. Not fenced: what a handler said before it lost its lease is worth reading.
import type { RunId } from "../../core/run-id.ts";
import type { Json, LogLevel, LogLine, NewLogLine } from "../rows/run-records.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";

/** Numbers each line within its run, in the order given. */
export function* appendLogs(lines: readonly NewLogLine[]): Script<void> {
  if (lines.length === 0) return;
  // A worker that lost a run may still log beside the one that has it; who locks the run's row numbers first.
  const runIds = idList(new Set(lines.map(({ runId }) => runId)));
  yield* all("select id from run where id in (ids ?) order by id for update", runIds);
  yield* run(
    `insert into log (run_id, root_run_id, seq, level, message, fields, at)
    select l.run_id, (select run.root_run_id from run where run.id = l.run_id), coalesce((select max(seq) from log x where x.run_id = l.run_id), 0)
      + row_number() over (partition by l.run_id order by l.position), l.level, l.message, l.fields, l.at
    from (select cast(r.value ->> 'run' as bigint) as run_id, r.key as position, r.value ->> 'level' as level,
      r.value ->> 'message' as message, r.value ->> 'fields' as fields, cast(r.value ->> 'at' as bigint) as at
      from (rows ?) r) l`,
    rowList(
      lines.map(({ runId, atMs, level, message, fields }) => ({
        run: runId,
        level,
        message,
        fields: fields === undefined ? null : JSON.stringify(fields),
        at: atMs,
      })),
    ),
  );
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
export function* listLogs(runId: RunId, afterSeq: number, limit: number): Script<LogLine[]> {
  const sql = `select run_id as "runId", seq, level, message, fields, at as "atMs" from log
    where run_id = ? and seq > ? order by seq limit ?`;
  const rows = yield* all<LogRow>(sql, runId, afterSeq, Math.max(0, limit));
  return rows.map(({ fields, ...line }) => (fields === null ? line : { ...line, fields: JSON.parse(fields) as Json }));
}

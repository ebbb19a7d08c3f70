// How far running jobs are. One row a run, overwritten; a late report never replaces a newer one.
import type { ProgressRecord } from "../rows/run-records.ts";
import { rowList, run, type Script } from "../rows/script.ts";

/** Keeps the newest report of each run. */
export function* recordProgress(records: readonly ProgressRecord[]): Script<void> {
  if (records.length === 0) return;
  // Where two reports have the same time, the one that came later counts.
  const newest = new Map(records.toSorted((a, b) => a.atMs - b.atMs).map((record) => [record.runId, record]));
  yield* run(
    `insert into progress (run_id, done, total, operation, at)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'done' as double precision),
      cast(r.value ->> 'total' as double precision), r.value ->> 'operation', cast(r.value ->> 'at' as bigint)
    from (rows ?) r where true order by 1 on conflict (run_id)
    do update set done = excluded.done, total = excluded.total, operation = excluded.operation, at = excluded.at
    where excluded.at >= progress.at`,
    rowList(
      [...newest.values()].map(({ runId, done, total, operation, atMs }) => ({
        run: runId,
        done: done ?? null,
        total: total ?? null,
        operation: operation ?? null,
        at: atMs,
      })),
    ),
  );
}

// Removes what ended long ago, whole trees of runs at a time. Datasets stay.
import type { RunId } from "../../core/run-id.ts";
import { all, idList, run, type Script } from "../script.ts";

const treeTables = [
  "outcome",
  "attempt_log",
  "event",
  "log",
  "checkpoint",
  "unit",
  "step",
  "progress",
  "pipeline_start",
];

/**
 * At most `limit` root runs that ended before that time, the oldest ids first, with their members. A root ends after its
 * members, so nothing of a tree is live. @returns how many roots
 */
export function* removeHistory({ endedBeforeMs, limit }: { endedBeforeMs: number; limit: number }): Script<number> {
  const roots = yield* all<{ id: RunId }>(
    `select run.id from run join outcome on outcome.run_id = run.id
    where run.parent_run_id is null and outcome.finished_at < ? order by run.id limit ?`,
    endedBeforeMs,
    Math.max(0, limit),
  );
  if (roots.length === 0) return 0;
  const trees = yield* all<{ id: RunId }>(
    `with recursive tree (id) as (select id from run where id in (ids ?)
      union all select run.id from tree ordered join run on run.parent_run_id = tree.id)
    select id from tree`,
    idList(roots.map(({ id }) => id)),
  );
  const ids = idList(trees.map(({ id }) => id));
  for (const table of treeTables) yield* run(`delete from ${table} where run_id in (ids ?)`, ids);
  yield* run("delete from edge where parent_id in (ids ?)", ids);
  yield* run("delete from edge where child_id in (ids ?)", ids);
  yield* run("delete from run where id in (ids ?)", ids);
  return roots.length;
}

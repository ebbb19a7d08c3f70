// Bounds what the end of runs does in one transaction: of very many dependants some are judged at once, and a row of
// `fan_out` remembers where to go on. Until then the others wait as if the run had not ended.
import type { UpstreamFailurePolicy } from "../../core/job/pipeline.ts";
import type { RunId } from "../../core/run-id.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";

/** How a run ended, as far as its dependants care. */
export interface EndedRun {
  readonly runId: RunId;
  readonly verdict: "finished" | "skipped" | "failed";
}

/** An end that has reached the dependants up to an id; 0 for none. */
export interface FanOut extends EndedRun {
  readonly afterChildId: number;
}

export interface WaitingEdge {
  readonly parentId: RunId;
  readonly childId: RunId;
  readonly policy: UpstreamFailurePolicy;
}

/**
 * At most `limit` edges to runs that still wait, by parent and child; one range of the primary key of `edge` for each
 * parent. Remembers the rest.
 */
export function* takeEdges(ended: readonly FanOut[], limit: number): Script<readonly WaitingEdge[]> {
  const found = yield* all<WaitingEdge>(
    `select edge.parent_id as "parentId", edge.child_id as "childId", edge.policy from (rows ?) r
    join edge on edge.parent_id = cast(r.value ->> 'run' as bigint) and edge.child_id > cast(r.value ->> 'after' as bigint)
    join waiting on waiting.run_id = edge.child_id order by edge.parent_id, edge.child_id limit ?`,
    rowList(ended.map(({ runId, afterChildId }) => ({ run: runId, after: afterChildId }))),
    limit + 1,
  );
  if (found.length <= limit) return found;
  const taken = found.slice(0, limit);
  const last = taken.at(-1) ?? { parentId: 0, childId: 0 };
  const rest = ended.filter(({ runId }) => runId >= last.parentId);
  yield* saveFanOuts(rest.map((end) => (end.runId === last.parentId ? { ...end, afterChildId: last.childId } : end)));
  return taken;
}

function* saveFanOuts(rest: readonly FanOut[]): Script<void> {
  yield* run(
    `insert into fan_out (parent_id, verdict, child_id) select cast(r.value ->> 'run' as bigint), r.value ->> 'verdict',
      cast(r.value ->> 'after' as bigint) from (rows ?) r`,
    rowList(rest.map(({ runId, verdict, afterChildId }) => ({ run: runId, verdict, after: afterChildId }))),
  );
}

/**
 * Takes ends that have not reached all dependants. Whoever changes a row of `fan_out` holds the outcome of its run, so a
 * rerun of the run, or of one that waits for it, comes before or after.
 */
export function* takeFanOuts(limit: number): Script<readonly FanOut[]> {
  const oldest = yield* all<{ runId: RunId }>(
    `select parent_id as "runId" from fan_out order by parent_id limit ?`,
    limit,
  );
  if (oldest.length === 0) return [];
  const locked = yield* all<{ runId: RunId }>(
    `select run_id as "runId" from outcome where run_id in (ids ?) order by run_id for update skip locked`,
    idList(oldest.map(({ runId }) => runId)),
  );
  if (locked.length === 0) return [];
  return yield* all<FanOut>(
    `delete from fan_out where parent_id in (ids ?)
    returning parent_id as "runId", verdict, child_id as "afterChildId"`,
    idList(locked.map(({ runId }) => runId)),
  );
}

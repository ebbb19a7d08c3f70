// Runs that ended because of what others came to: they come back when those get another try, unless something else dooms them.
import type { RunId } from "../../core/run-id.ts";
import { all, idList, type Script } from "../rows/script.ts";

/**
 * Lists those among these runs, and down the graph from them, that never ran since others failed; what was skipped is FINISHED and stays.
 * One range of `edge` for each run.
 */
export function* listDoomed(runIds: readonly RunId[]): Script<readonly RunId[]> {
  const rows = yield* all<{ id: RunId }>(
    `with recursive doomed (id) as (select id from run where id in (ids ?)
      union select edge.child_id from doomed ordered join edge on edge.parent_id = doomed.id
        ordered join outcome o on o.run_id = edge.child_id
        where edge.policy <> 'continue' and o.reason = 'upstream_failed')
    select doomed.id from doomed join outcome o on o.run_id = doomed.id
    where o.reason = 'upstream_failed' order by doomed.id`,
    idList(runIds),
  );
  return rows.map(({ id }) => id);
}

interface Cause {
  readonly parentId: RunId;
  readonly childId: RunId;
}

/** Those of the doomed runs that nothing but the reopened ones keeps from running. Their neighbours are locked by the caller. */
export function* findReleased(
  reopened: readonly { readonly runId: RunId }[],
  doomed: readonly RunId[],
): Script<readonly RunId[]> {
  if (doomed.length === 0) return [];
  const causes = yield* all<Cause>(
    `select edge.parent_id as "parentId", edge.child_id as "childId" from edge join outcome o on o.run_id = edge.parent_id
    where edge.child_id in (ids ?) and edge.policy <> 'continue'
      and (o.state = 'ERROR' or coalesce(o.reason, '') = 'skipped')`,
    idList(doomed),
  );
  const causesOf = Map.groupBy(causes, ({ childId }) => childId);
  const free = new Set(reopened.map(({ runId }) => runId));
  // Ids of a submission need not be in the order of its graph, so it is gone through until nothing moves.
  for (let before = -1; before !== free.size;) {
    before = free.size;
    for (const runId of doomed) {
      if ((causesOf.get(runId) ?? []).every(({ parentId }) => free.has(parentId))) free.add(runId);
    }
  }
  return doomed.filter((runId) => free.has(runId));
}

// Removes what ended long ago, whole trees of runs at a time, and what people were told of it. Datasets and fires of schedules stay.
import type { RunId } from "../../core/run-id.ts";
import { all, idList, run, type Script } from "../rows/script.ts";
import { raiseFeedFloor } from "../feed/feed.ts";
import { forgetTurns } from "../expectations/expectations.ts";
import { removeNotifications } from "../notifications/list-messages.ts";
import { listSpawnerRoots } from "../rows/spawners.ts";

export interface RemoveHistoryRequest {
  readonly endedBeforeMs: number;
  /** Root runs. */
  readonly limit: number;
}

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
  "loss",
  "exchange",
  "traffic",
  "sent_request",
  "metric",
];

/** A transaction removes no more runs than this, or one tree: others wait for its locks. */
const maxRuns = 20_000;

/**
 * At most `limit` root runs that ended before that time, the oldest ids first, with their members. A root ends after its
 * members, so nothing of a tree is live, and its outcome stays locked so that no rerun takes it back meanwhile. What a run
 * spawned goes with it or later, since its handler, or another try at it, asks for the result.
 * @returns how many roots, fewer when the trees are large
 */
export function* removeHistory({ endedBeforeMs, limit }: RemoveHistoryRequest): Script<number> {
  yield* forgetTurns(endedBeforeMs);
  yield* removeNotifications(endedBeforeMs);
  const found = yield* findRoots(endedBeforeMs, Math.max(0, limit));
  const roots = yield* withSpawners(yield* lockRoots(found, endedBeforeMs));
  if (roots.length === 0) return 0;
  const trees = yield* withoutFanOuts(yield* readTrees(roots));
  const removed: RunId[] = [];
  let count = 0;
  for (const tree of trees.values()) {
    if (count > 0 && removed.length + tree.length > maxRuns) break;
    removed.push(...tree);
    count += 1;
  }
  if (count === 0) return 0;
  const ids = idList(removed);
  yield* raiseFeedFloor(ids);
  for (const table of treeTables) yield* run(`delete from ${table} where run_id in (ids ?)`, ids);
  yield* run("delete from edge where parent_id in (ids ?)", ids);
  yield* run("delete from edge where child_id in (ids ?)", ids);
  yield* run("delete from run where id in (ids ?)", ids);
  return count;
}

interface RootRow {
  readonly id: RunId;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
  readonly spawnedBy: RunId | null;
}

const pageSize = 1_000;

// Walks roots from the oldest on along the index run_root and leaves at those that are too young to have ended by then,
// so what it passes is what it finds and the few runs that took long.
function* findRoots(endedBeforeMs: number, limit: number): Script<readonly RunId[]> {
  const sql = `select run.id, run.created_at as "createdAtMs", outcome.finished_at as "finishedAtMs",
      run.spawned_by as "spawnedBy"
    from run left join outcome on outcome.run_id = run.id
    where run.parent_run_id is null and run.id > ? order by run.id limit ?`;
  const found: RunId[] = [];
  for (let after = 0; found.length < limit;) {
    const page = yield* all<RootRow>(sql, after, pageSize);
    const ended = page.filter(({ finishedAtMs }) => finishedAtMs !== null && finishedAtMs < endedBeforeMs);
    const needed = yield* findNeeded(ended, endedBeforeMs);
    const held = yield* findBatchRuns(ended);
    found.push(...ended.flatMap(({ id }) => (needed.has(id) || held.has(id) ? [] : [id])));
    after = page.at(-1)?.id ?? after;
    // One clock that was wrong must not hide what came after its runs.
    const isOver = page.length < pageSize || page.every(({ createdAtMs }) => createdAtMs >= endedBeforeMs);
    if (isOver) break;
  }
  return found.slice(0, limit);
}

// Those that a run above still needs, because it is unfinished or too young.
function* findNeeded(roots: readonly RootRow[], endedBeforeMs: number): Script<ReadonlySet<RunId>> {
  const spawned = roots.flatMap(({ id, spawnedBy }) => (spawnedBy === null ? [] : [id]));
  const above = yield* listSpawnerRoots(spawned);
  const isOld = (finishedAtMs: number | null): boolean => finishedAtMs !== null && finishedAtMs < endedBeforeMs;
  return new Set(above.flatMap(({ root, finishedAtMs }) => (isOld(finishedAtMs) ? [] : [root])));
}

// Its group waits for an open batch, which goes on by another try of its run and by nothing else.
function* findBatchRuns(roots: readonly RootRow[]): Script<ReadonlySet<RunId>> {
  const sql = `select run_id as "runId" from stream_batch where state = 'open' and run_id in (ids ?)`;
  const rows = yield* all<{ runId: RunId }>(sql, idList(roots.map(({ id }) => id)));
  return new Set(rows.map(({ runId }) => runId));
}

// A run above has a smaller id, so it is among those that were found; it is not locked when somebody just tries it again.
function* withSpawners(roots: readonly RunId[]): Script<readonly RunId[]> {
  const locked = new Set(roots);
  const above = yield* listSpawnerRoots(roots);
  const needed = new Set(above.flatMap((spawner) => (locked.has(spawner.above) ? [] : [spawner.root])));
  return roots.filter((runId) => !needed.has(runId));
}

function* lockRoots(runIds: readonly RunId[], endedBeforeMs: number): Script<readonly RunId[]> {
  if (runIds.length === 0) return [];
  const sql = `select run_id as "runId" from outcome where run_id in (ids ?) and finished_at < ? order by run_id
    for update skip locked`;
  const rows = yield* all<{ runId: RunId }>(sql, idList(runIds), endedBeforeMs);
  return rows.map(({ runId }) => runId);
}

// The runs of each tree by its root; one range of run_by_parent for each run.
function* readTrees(roots: readonly RunId[]): Script<ReadonlyMap<RunId, readonly RunId[]>> {
  const rows = yield* all<{ root: RunId; id: RunId }>(
    `with recursive tree (root, id) as (select id, id from run where id in (ids ?)
      union all select tree.root, run.id from tree ordered join run on run.parent_run_id = tree.id)
    select root, id from tree order by root`,
    idList(roots),
  );
  const trees = new Map<RunId, RunId[]>();
  for (const { root, id } of rows) {
    const tree = trees.get(root);
    if (tree === undefined) trees.set(root, [id]);
    else tree.push(id);
  }
  return trees;
}

// An end that has not reached all that wait for it still needs its edges.
function* withoutFanOuts(trees: ReadonlyMap<RunId, readonly RunId[]>): Script<ReadonlyMap<RunId, readonly RunId[]>> {
  const sql = `select parent_id as "runId" from fan_out where parent_id in (ids ?)`;
  const rows = yield* all<{ runId: RunId }>(sql, idList([...trees.values()].flat()));
  if (rows.length === 0) return trees;
  const pending = new Set(rows.map(({ runId }) => runId));
  return new Map([...trees].filter(([, tree]) => !tree.some((runId) => pending.has(runId))));
}

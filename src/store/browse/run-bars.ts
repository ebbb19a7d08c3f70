// Root runs as bars over time.
import type { RunId } from "../../core/run-id.ts";
import type { RunBar } from "./browse-store.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { findIdAt, idSlackMs } from "../rows/ids-by-time.ts";
import { readBriefRuns } from "../rows/recent-runs.ts";
import { fromUnfinished } from "../rows/run-sources.ts";

/** Root runs from before the range that are looked at, because they may have gone on into it. */
const lookBack = 500;
const maxUnfinished = 1_000;

/**
 * Newest first. Runs that were made before the range are found while they are unfinished, or among the last few hundred
 * before it.
 */
export function* listBars(range: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}): Script<readonly RunBar[]> {
  const { fromMs, toMs } = range;
  const limit = Math.max(0, range.limit);
  const from = yield* findIdAt(fromMs - idSlackMs);
  const before = yield* findIdAt(toMs + idSlackMs);
  const ids = new Set([
    ...(yield* listRoots(from, before, limit)),
    ...(yield* listRoots(0, from, lookBack)),
    ...(yield* listUnfinishedRoots(from)),
  ]);
  const runs = yield* readBriefRuns([...ids]);
  return runs
    .map((run) => ({ ...run, fromMs: run.startedAtMs ?? run.createdAtMs }))
    .filter((run) => run.fromMs < toMs && (run.finishedAtMs ?? Number.MAX_SAFE_INTEGER) >= fromMs)
    .toSorted((a, b) => b.runId - a.runId)
    .slice(0, limit)
    .map(({ runId, job, state, fromMs: barFromMs, finishedAtMs }) => ({
      runId,
      job,
      state,
      fromMs: barFromMs,
      toMs: finishedAtMs,
    }));
}

function* listRoots(from: number, before: number, limit: number): Script<readonly RunId[]> {
  const rows = yield* all<{ id: RunId }>(
    "select id from run where parent_run_id is null and id >= ? and id < ? order by id desc limit ?",
    from,
    before,
    limit,
  );
  return rows.map(({ id }) => id);
}

function* listUnfinishedRoots(before: number): Script<readonly RunId[]> {
  const source = fromUnfinished({ states: new Set(["RUNNING", "PENDING", "PAUSED"]) });
  const { ids } = yield* source({ from: 0, before }, maxUnfinished);
  if (ids.length === 0) return [];
  const rows = yield* all<{ id: RunId }>(
    "select id from run where id in (ids ?) and parent_run_id is null",
    idList(ids),
  );
  return rows.map(({ id }) => id);
}

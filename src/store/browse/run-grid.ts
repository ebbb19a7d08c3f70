// Past runs of a pipeline with the states of their members.
import type { RunId } from "../../core/run-id.ts";
import type { GridPage } from "./browse-store.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { type BriefRun, readBriefRuns } from "../rows/recent-runs.ts";
import { fromJobs } from "../rows/run-sources.ts";

/** Runs of the pipeline that are looked at for a page, and members on it; of the first run there may be more. */
const lookSize = 500;
const maxCells = 3_000;

/** Newest first: five statements. A page of wide pipelines ends early and says so. */
export function* listGrid(job: string, before: RunId | undefined, limit: number): Script<GridPage> {
  const range = { from: 0, before: before ?? Number.MAX_SAFE_INTEGER };
  const { ids, floor } = yield* fromJobs([job])(range, Math.max(limit + 1, lookSize));
  const roots = yield* keepRoots(ids, limit + 1);
  const wanted = roots.slice(0, Math.max(0, limit));
  const { members, complete } = yield* listMembers(wanted);
  const runs = yield* readBriefRuns(complete);
  const cells = Map.groupBy(yield* readBriefRuns(members), ({ parentRunId }) => parentRunId);
  const rows = runs.map((run) => ({ run: toRecent(run), members: (cells.get(run.runId) ?? []).map(toMember) }));
  const isLast = complete.length === roots.length && floor <= range.from;
  return { rows, nextBefore: isLast ? undefined : nextOf(roots, complete, floor) };
}

// Behind the last shown run when more were found; else behind all that was looked at.
function nextOf(roots: readonly RunId[], shown: readonly RunId[], floor: number): RunId | undefined {
  return shown.length < roots.length ? shown.at(-1) : (floor as RunId);
}

function* keepRoots(ids: readonly number[], limit: number): Script<readonly RunId[]> {
  if (ids.length === 0) return [];
  const rows = yield* all<{ id: RunId }>(
    "select id from run where id in (ids ?) and parent_run_id is null order by id desc limit ?",
    idList(ids),
    Math.max(0, limit),
  );
  return rows.map(({ id }) => id);
}

// One more than fits tells which run is the first that is not whole.
function* listMembers(roots: readonly RunId[]): Script<{ members: readonly RunId[]; complete: readonly RunId[] }> {
  if (roots.length === 0) return { members: [], complete: [] };
  const rows = yield* all<{ id: RunId; root: RunId }>(
    "select id, parent_run_id as root from run where parent_run_id in (ids ?) order by parent_run_id desc, id limit ?",
    idList(roots),
    maxCells + 1,
  );
  const cut = rows.length > maxCells ? rows.at(-1)?.root : undefined;
  // A single run that is too wide is shown as far as it goes.
  const complete = cut === undefined || cut === roots[0] ? roots.slice(0, cut === undefined ? undefined : 1) : [];
  const shown = complete.length > 0 ? complete : roots.filter((root) => root > (cut ?? 0));
  const isShown = new Set(shown);
  return { members: rows.filter(({ root }) => isShown.has(root)).map(({ id }) => id), complete: shown };
}

function toRecent({ reason: _reason, parentRunId: _parentRunId, ...run }: BriefRun): GridPage["rows"][number]["run"] {
  return run;
}

function toMember({ parentRunId: _parentRunId, ...run }: BriefRun): GridPage["rows"][number]["members"][number] {
  return run;
}

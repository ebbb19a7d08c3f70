// Past runs of a pipeline with the states of their members, and those of a job, which has none, alone or inside a pipeline.
import type { RunId } from "../../core/run-id.ts";
import type { GridPage } from "./browse-store.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { type BriefRun, readBriefRuns } from "../rows/recent-runs.ts";
import { fromJobs } from "../rows/run-sources.ts";

/** Members on a page; of the first run there may be more. */
const maxCells = 3_000;

/** Newest first: four statements. A page of wide pipelines ends early and says so. */
export function* listGrid(job: string, before: RunId | undefined, limit: number): Script<GridPage> {
  const range = { from: 0, before: before ?? Number.MAX_SAFE_INTEGER };
  const { ids, floor } = yield* fromJobs([job])(range, limit + 1);
  const found = ids.slice(0, limit + 1).map((id) => id as RunId);
  const wanted = found.slice(0, limit);
  const { members, complete } = yield* listMembers(wanted);
  const runs = yield* readBriefRuns(complete);
  const cells = Map.groupBy(yield* readBriefRuns(members), ({ parentRunId }) => parentRunId);
  const rows = runs.map((run) => ({ run: toRecent(run), members: (cells.get(run.runId) ?? []).map(toMember) }));
  const isLast = complete.length === found.length && floor <= range.from;
  return { rows, nextBefore: isLast ? undefined : nextOf(found, complete, floor) };
}

// Behind the last shown run when more were found; else behind all that was looked at.
function nextOf(found: readonly RunId[], shown: readonly RunId[], floor: number): RunId | undefined {
  return shown.length < found.length ? shown.at(-1) : (floor as RunId);
}

// One more than fits tells which run is the first that is not whole.
function* listMembers(parents: readonly RunId[]): Script<{ members: readonly RunId[]; complete: readonly RunId[] }> {
  if (parents.length === 0) return { members: [], complete: [] };
  const rows = yield* all<{ id: RunId; parent: RunId }>(
    "select id, parent_run_id as parent from run where parent_run_id in (ids ?) order by parent_run_id desc, id limit ?",
    idList(parents),
    maxCells + 1,
  );
  const cut = rows.length > maxCells ? rows.at(-1)?.parent : undefined;
  // A single run that is too wide is shown as far as it goes.
  const complete = cut === undefined || cut === parents[0] ? parents.slice(0, cut === undefined ? undefined : 1) : [];
  const shown = complete.length > 0 ? complete : parents.filter((parent) => parent > (cut ?? 0));
  const isShown = new Set(shown);
  return { members: rows.filter(({ parent }) => isShown.has(parent)).map(({ id }) => id), complete: shown };
}

function toRecent({ parentRunId: _parentRunId, ...run }: BriefRun): GridPage["rows"][number]["run"] {
  return run;
}

function toMember({ parentRunId: _parentRunId, ...run }: BriefRun): GridPage["rows"][number]["members"][number] {
  return run;
}

// The search over all runs: an index gives candidates, newest first, and a filter looks at so many of them at a time. A page
// ends where it is full or where enough was looked at, so no filter takes longer than another, however little it matches.
import { parseRunId, type RunId } from "../../core/run-id.ts";
import type { RunSearch, RunSearchPage } from "./search-store.ts";
import { all, type Script } from "../rows/script.ts";
import { findIdAt, idSlackMs } from "../rows/ids-by-time.ts";
import { type CandidateFilter, createCandidateFilter } from "./run-candidates.ts";
import { chooseSource, fromNamed } from "./run-search-plan.ts";
import type { IdRange, RunSource } from "../rows/run-sources.ts";
import { findRuns } from "../rows/run-summaries.ts";
import { createTextSearch } from "./text-search.ts";

/** How many runs each look takes in; pages that match much end with the first. */
const lookSizes = [256, 1_024, 2_048];
/** The same of runs of several jobs that are looked for by their names. */
const namedLookSizes = [256, 512];

/** Newest first, see `SearchStore.searchRuns`. */
export function* searchRuns(search: RunSearch): Script<RunSearchPage> {
  const named = yield* findNamedRun(search);
  if (named !== undefined) return { runs: yield* findRuns(named), nextBefore: undefined };
  const range = yield* toIdRange(search);
  const { source, impliesState } = yield* chooseSource(search);
  const filter = createCandidateFilter(search, { impliesState });
  const limit = Math.max(0, search.limit);
  const found = yield* lookThrough({ source, filter, range, limit, lookSizes });
  const more = yield* lookAtNames(search, filter, found);
  const { ids, stoppedAt } = more ?? found;
  return { runs: yield* findRuns(ids), nextBefore: stoppedAt };
}

interface Found {
  readonly ids: readonly RunId[];
  /** Everything from here on was looked at; `undefined` when that is all. */
  readonly stoppedAt: RunId | undefined;
}

interface Looking {
  readonly source: RunSource;
  readonly filter: CandidateFilter;
  readonly range: IdRange;
  readonly limit: number;
  readonly lookSizes: readonly number[];
}

function* lookThrough({ source, filter, range, limit, lookSizes: sizes }: Looking): Script<Found> {
  const ids: RunId[] = [];
  let { before } = range;
  for (const size of sizes) {
    const { ids: candidates, floor } = yield* source({ ...range, before }, size);
    // One more than the page holds tells whether it is the last.
    ids.push(...(yield* filter(candidates, limit + 1 - ids.length)));
    if (ids.length > limit) return { ids: ids.slice(0, limit), stoppedAt: lastOf(ids.slice(0, limit), before) };
    if (floor <= range.from) return { ids, stoppedAt: undefined };
    before = floor;
  }
  return { ids, stoppedAt: before as RunId };
}

function lastOf(ids: readonly RunId[], before: number): RunId {
  return ids.at(-1) ?? (before as RunId);
}

// Runs of jobs that have the text in their names are worth finding far beyond the newest few thousand.
function* lookAtNames(search: RunSearch, filter: CandidateFilter, found: Found): Script<Found | undefined> {
  const missing = Math.max(0, search.limit) - found.ids.length;
  if (search.text === undefined || found.stoppedAt === undefined || missing <= 0) return undefined;
  const source = yield* fromNamed(search, createTextSearch(search.text));
  if (source === undefined) return undefined;
  const { from } = yield* toIdRange(search);
  const range = { from, before: found.stoppedAt };
  const older = yield* lookThrough({ source, filter, range, limit: missing, lookSizes: namedLookSizes });
  if (older.ids.length === 0) return undefined;
  return { ids: [...found.ids, ...older.ids], stoppedAt: older.stoppedAt ?? lastOf(older.ids, found.stoppedAt) };
}

// A search for the id of a run finds that run, even when it is inside of another one.
function* findNamedRun(search: RunSearch): Script<readonly RunId[] | undefined> {
  const { text, before, rootsOnly: _any, ...rest } = search;
  if (text === undefined || before !== undefined || !/^\s*[rR][1-9]\d{0,14}\s*$/.test(text)) return undefined;
  const runId = parseRunId(text.trim().toLowerCase());
  const rows = yield* all<{ id: RunId }>("select id from run where id = ?", runId);
  if (rows.length === 0) return undefined;
  return yield* createCandidateFilter(rest, { impliesState: false })([runId], 1);
}

function* toIdRange({ sinceMs, untilMs, before }: RunSearch): Script<IdRange> {
  const from = sinceMs === undefined ? 0 : yield* findIdAt(sinceMs - idSlackMs);
  const end = untilMs === undefined ? Number.MAX_SAFE_INTEGER : yield* findIdAt(untilMs + idSlackMs);
  return { from, before: Math.min(before ?? Number.MAX_SAFE_INTEGER, end) };
}

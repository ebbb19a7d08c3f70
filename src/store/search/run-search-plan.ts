// Chooses the index that a search walks: the one of the filter that leaves least.
import type { RunState } from "../../core/job/run-state.ts";
import type { RunSearch } from "./search-store.ts";
import { all, type Script } from "../rows/script.ts";
import {
  fromAll,
  fromEach,
  fromFailures,
  fromFailuresOf,
  fromFingerprint,
  fromJobs,
  fromParent,
  fromUnfinished,
  type RunSource,
} from "../rows/run-sources.ts";
import type { TextSearch } from "./text-search.ts";

export interface SearchPlan {
  readonly source: RunSource;
  /** Whether the source gives runs of the wanted states alone. */
  readonly impliesState: boolean;
}

/** Each of so many jobs or lanes has an index range of its own; more are found on the way through all runs. */
const maxRanges = 12;

export function* chooseSource(search: RunSearch): Script<SearchPlan> {
  const { parentRunId, fingerprint, states, rootsOnly = false } = search;
  if (parentRunId !== undefined) return { source: fromParent(parentRunId), impliesState: false };
  if (fingerprint !== undefined) return { source: fromFingerprint(fingerprint), impliesState: false };
  const lanes = yield* findLanes(search);
  if (states !== undefined && !states.includes("FINISHED")) {
    return { source: fromStates(new Set(states), lanes), impliesState: true };
  }
  const jobs = [...new Set(lanes?.map(({ job }) => job))];
  if (lanes === undefined || jobs.length > maxRanges) return { source: fromAll(rootsOnly), impliesState: false };
  return { source: fromJobs(jobs), impliesState: false };
}

/** Runs of jobs that have the text in their names; `undefined` without such a job. Of very many jobs the first by name. */
export function* fromNamed({ job, tenant }: RunSearch, text: TextSearch): Script<RunSource | undefined> {
  const sql = "select distinct job from lane where lower(job) like ? escape '!' order by job limit 200";
  const rows = yield* all<{ job: string }>(sql, text.pattern);
  const own = tenant === undefined ? undefined : new Set((yield* findLanes({ tenant }))?.map((lane) => lane.job));
  const jobs = rows
    .map((row) => row.job)
    .filter((name) => text.isIn(name) && (job === undefined || name === job) && own?.has(name) !== false)
    .slice(0, maxRanges);
  return jobs.length === 0 ? undefined : fromJobs(jobs);
}

interface LaneRow {
  readonly id: number;
  readonly job: string;
}

// `undefined`: the search is not about some lanes. Lanes are few: a job has one for each kind, tenant and set of gates.
function* findLanes({ job, tenant }: Pick<RunSearch, "job" | "tenant">): Script<readonly LaneRow[] | undefined> {
  if (job !== undefined) {
    const rows = yield* all<LaneRow & { tenant: string }>("select id, job, tenant from lane where job = ?", job);
    return rows.filter((lane) => tenant === undefined || lane.tenant === tenant);
  }
  if (tenant === undefined) return undefined;
  return yield* all<LaneRow>("select id, job from lane where tenant = ?", tenant);
}

function fromStates(states: ReadonlySet<RunState>, lanes: readonly LaneRow[] | undefined): RunSource {
  const laneIds = lanes?.map(({ id }) => id);
  const unfinished = fromUnfinished({ states, laneIds: laneIds === undefined ? undefined : new Set(laneIds) });
  if (!states.has("ERROR")) return unfinished;
  const failures = laneIds === undefined || laneIds.length > maxRanges ? fromFailures() : fromFailuresOf(laneIds);
  return fromEach([failures, unfinished]);
}

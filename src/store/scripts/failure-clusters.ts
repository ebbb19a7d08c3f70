// Failures by what they are alike in. A rerun takes the outcome of a run back, so what is here is still to be looked at.
import type { ErrorRecord } from "../../core/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { BrowseStore, FailureClusterRecord } from "../browse-store.ts";
import { all, idList, type Script } from "../script.ts";
import { fromFailuresOf } from "./run-sources.ts";
import { createTextSearch } from "./text-search.ts";

/** Failures that are looked at, the newest first, and how many runs of a cluster are named. */
const maxFailures = 10_000;
const maxFailuresOfJob = 4_000;
const maxNamed = 10;

/** Walks one index over failures, newest first. Runs that failed only because another did have no error and are left out. */
export function* listFailureClusters(
  request: Parameters<BrowseStore["listFailureClusters"]>[0],
): Script<readonly FailureClusterRecord[]> {
  const { job, text, limit } = request;
  const groups = yield* job === undefined ? groupAll(request.sinceMs) : groupJob(job, request.sinceMs);
  const newest = yield* readErrors(groups.map(({ lastRunId }) => lastRunId));
  const search = text === undefined ? undefined : createTextSearch(text);
  const chosen = groups
    .flatMap((group) => {
      const error = newest.get(group.lastRunId);
      return error === undefined ? [] : [{ group, error }];
    })
    .filter(({ group, error }) => search === undefined || search.isIn(`${group.job}\n${error.code}\n${error.message}`))
    .slice(0, Math.max(0, limit));
  return chosen.map(({ group, error }) => ({
    fingerprint: group.fingerprint,
    job: group.job,
    code: error.code,
    message: error.message,
    hint: error.hint,
    errorClass: error.errorClass,
    count: Math.min(group.count, maxFailures),
    firstAtMs: group.firstAtMs,
    lastAtMs: group.lastAtMs,
    runIds: group.runIds,
  }));
}

interface Group {
  readonly job: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lastRunId: RunId;
  readonly runIds: readonly RunId[];
}

const looked = "looked (run_id, lane_id, fingerprint, failed_root, finished_at)";
const columns = "o.run_id, o.lane_id, o.fingerprint, o.failed_root, o.finished_at";

function* groupAll(sinceMs: number): Script<readonly Group[]> {
  return yield* group(
    `${looked} as materialized (select ${columns} from outcome o where o.state = 'ERROR' and o.finished_at >= ?
      order by o.finished_at desc limit ${maxFailures})`,
    sinceMs,
  );
}

// Failures of one job may be far behind those of others; an index has them by lane.
function* groupJob(job: string, sinceMs: number): Script<readonly Group[]> {
  const lanes = yield* all<{ id: number }>("select id from lane where job = ?", job);
  const source = fromFailuresOf(lanes.map(({ id }) => id));
  const { ids } = yield* source({ from: 0, before: Number.MAX_SAFE_INTEGER }, maxFailuresOfJob);
  return yield* group(
    `${looked} as materialized (select ${columns} from outcome o where o.run_id in (ids ?) and o.finished_at >= ?)`,
    idList(ids),
    sinceMs,
  );
}

interface GroupRow extends Omit<Group, "runIds" | "lastRunId"> {
  readonly runId: RunId;
}

// One row for each named run, with the sums of its cluster.
function* group(lookedAt: string, ...params: (string | number)[]): Script<readonly Group[]> {
  const rows = yield* all<GroupRow>(
    `with ${lookedAt},
    ranked as (select lane.job, f.fingerprint, f.run_id, f.finished_at,
        row_number() over (partition by lane.job, f.fingerprint order by f.finished_at desc, f.run_id desc) as place
      from looked f ordered join lane on lane.id = f.lane_id where f.failed_root = 1 and f.fingerprint is not null),
    summed as (select job, fingerprint, count(*) as runs, min(finished_at) as first_at, max(finished_at) as last_at
      from ranked group by job, fingerprint)
    select ranked.job, ranked.fingerprint, ranked.run_id as "runId", summed.runs as count, summed.first_at as "firstAtMs",
      summed.last_at as "lastAtMs"
    from ranked join summed on summed.job = ranked.job and summed.fingerprint = ranked.fingerprint
    where ranked.place <= ${maxNamed} order by summed.last_at desc, ranked.job, ranked.fingerprint, ranked.place`,
    ...params,
  );
  const clusters = Map.groupBy(rows, ({ job, fingerprint }) => JSON.stringify([job, fingerprint]));
  return [...clusters.values()].flatMap((members): Group[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { runId, ...sums } = first;
    return [{ ...sums, lastRunId: runId, runIds: members.map((member) => member.runId) }];
  });
}

function* readErrors(ids: readonly RunId[]): Script<ReadonlyMap<RunId, ErrorRecord>> {
  if (ids.length === 0) return new Map();
  const rows = yield* all<{ runId: RunId; error: string | null }>(
    `select run_id as "runId", error from outcome where run_id in (ids ?)`,
    idList(ids),
  );
  return new Map(
    rows.flatMap(({ runId, error }) => (error === null ? [] : [[runId, JSON.parse(error) as ErrorRecord] as const])),
  );
}

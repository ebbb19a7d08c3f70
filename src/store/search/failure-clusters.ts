// Failures by what they are alike in. A rerun takes the outcome of a run back, so what is here is still to be looked at.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { SearchStore } from "./search-store.ts";
import type { FailureClusterRecord } from "./search-store.ts";
import { all, idList, rowList, type Script } from "../rows/script.ts";
import { fromFailuresOf } from "../rows/run-sources.ts";
import { createTextSearch } from "./text-search.ts";

/** Failures that are looked at, the newest first; those of one job; and clusters whose messages are read. */
const maxFailures = 10_000;
const maxFailuresOfJob = 4_000;
const maxClusters = 300;
/** Runs of a cluster that are named, and failures of its kind, of any job, that are looked at for them. */
const maxNamed = 10;
const maxLookedForNames = 30;

/** Walks one index over failures, newest first. Runs that failed only because another did have no error and are left out. */
export function* listFailureClusters(
  request: Parameters<SearchStore["listFailureClusters"]>[0],
): Script<readonly FailureClusterRecord[]> {
  const { job, text, limit, sinceMs } = request;
  const groups = yield* job === undefined ? groupAll(sinceMs) : groupJob(job, sinceMs);
  const errors = yield* readErrors(groups.map(({ lastRunId }) => lastRunId));
  const search = text === undefined ? undefined : createTextSearch(text);
  const chosen = groups
    .flatMap((group) => {
      const error = errors.get(group.lastRunId);
      // What a person ended is nothing to look into.
      return error === undefined || error.code === "RUN_STOPPED" ? [] : [{ group, error }];
    })
    .filter(({ group, error }) => search === undefined || search.isIn(`${group.job}\n${error.code}\n${error.message}`))
    .slice(0, Math.max(0, limit));
  const named = yield* nameRuns(chosen.map(({ group }) => group));
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
    runIds: named.get(keyOf(group)) ?? [group.lastRunId],
  }));
}

interface Group {
  readonly job: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lastRunId: RunId;
}

function keyOf({ job, fingerprint }: Pick<Group, "job" | "fingerprint">): string {
  return JSON.stringify([job, fingerprint]);
}

const columns = "o.run_id, o.lane_id, o.fingerprint, o.failed_root, o.finished_at";

function* groupAll(sinceMs: number): Script<readonly Group[]> {
  return yield* group(
    `select ${columns} from outcome o where o.failed_root is not null and o.finished_at >= ?
      order by o.finished_at desc limit ${maxFailures}`,
    sinceMs,
  );
}

// Failures of one job may be far behind those of others; an index has them by lane.
function* groupJob(job: string, sinceMs: number): Script<readonly Group[]> {
  const lanes = yield* all<{ id: number }>("select id from lane where job = ?", job);
  const source = fromFailuresOf(lanes.map(({ id }) => id));
  const { ids } = yield* source({ from: 0, before: Number.MAX_SAFE_INTEGER }, maxFailuresOfJob);
  const sql = `select ${columns} from outcome o where o.run_id in (ids ?) and o.finished_at >= ?`;
  return yield* group(sql, idList(ids), sinceMs);
}

// Lanes first, since they are numbers; a job has few of them.
function* group(lookedAt: string, ...params: (string | number)[]): Script<readonly Group[]> {
  return yield* all<Group>(
    `with grouped as (select f.lane_id, f.fingerprint, count(*) as runs, min(f.finished_at) as first_at,
        max(f.finished_at) as last_at, max(f.run_id) as last_run
      from (${lookedAt}) f where f.failed_root = 1 and f.fingerprint is not null group by f.lane_id, f.fingerprint)
    select lane.job, grouped.fingerprint, cast(sum(grouped.runs) as bigint) as count, min(grouped.first_at) as "firstAtMs",
      max(grouped.last_at) as "lastAtMs", max(grouped.last_run) as "lastRunId"
    from grouped ordered join lane on lane.id = grouped.lane_id group by lane.job, grouped.fingerprint
    order by 5 desc, 1, 2 limit ${maxClusters}`,
    ...params,
  );
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

// The newest failures of the kind of each cluster, and of these its own.
function* nameRuns(groups: readonly Group[]): Script<ReadonlyMap<string, readonly RunId[]>> {
  if (groups.length === 0) return new Map();
  const own = `x.fingerprint = list.value ->> 'fingerprint' and x.run_id <= cast(list.value ->> 'last' as bigint)`;
  const rows = yield* all<{ job: string; fingerprint: string; runId: RunId }>(
    `select lane.job, o.fingerprint, o.run_id as "runId" from (rows ?) list ordered join outcome o
      on o.fingerprint = list.value ->> 'fingerprint' and o.run_id <= cast(list.value ->> 'last' as bigint)
      and o.run_id >= (select min(y.run_id) from (select x.run_id from outcome x where ${own}
        order by x.run_id desc limit ${maxLookedForNames}) y)
    ordered join lane on lane.id = o.lane_id and lane.job = list.value ->> 'job'
    where o.failed_root = 1 order by o.run_id desc`,
    rowList(groups.map(({ job, fingerprint, lastRunId }) => ({ job, fingerprint, last: lastRunId }))),
  );
  const named = Map.groupBy(rows, keyOf);
  return new Map([...named].map(([key, members]) => [key, members.slice(0, maxNamed).map(({ runId }) => runId)]));
}

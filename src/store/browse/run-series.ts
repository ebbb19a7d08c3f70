// Counts how runs ended over time, in equal buckets. Failures are counted exactly, up to tens of thousands, along their
// own index; the other numbers come from a sample where the range holds many runs.
import type { BrowseStore, DurationSample, Series, SeriesBucket, SeriesRequest } from "./browse-store.ts";
import type { AttemptMetrics } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { type SampledRun, sampleRuns } from "./sample-runs.ts";

const maxBuckets = 240;
/** Runs that are looked at for a series. */
const sampleSize = 1_200;
const maxFailures = 40_000;

/** Buckets begin with the range. Shorter ones than fit `maxBuckets` times are made longer. */
export function* readSeries(request: SeriesRequest): Script<Series> {
  const { fromMs, toMs } = request;
  const rangeMs = Math.max(0, toMs - fromMs);
  const bucketMs = Math.max(1, Math.ceil(request.bucketMs), Math.ceil(rangeMs / maxBuckets));
  const count = Math.ceil(rangeMs / bucketMs);
  const { runs, oneIn } = yield* sampleRuns(request, sampleSize);
  const failures = yield* countFailures(request, bucketMs);
  const placeOf = (atMs: number): number => Math.floor((atMs - fromMs) / bucketMs);
  const ended = Map.groupBy(runs, ({ finishedAtMs }) => placeOf(finishedAtMs));
  const queued = Map.groupBy(runs, ({ startedAtMs }) => (startedAtMs === undefined ? -1 : placeOf(startedAtMs)));
  const buckets = Array.from({ length: count }, (_, place) =>
    toBucket(fromMs + place * bucketMs, {
      ended: ended.get(place) ?? [],
      queued: queued.get(place) ?? [],
      failed: failures === undefined ? undefined : (failures.get(place) ?? 0),
      oneIn,
    }),
  );
  return { buckets, sampledOneIn: oneIn };
}

/** By time of their end. */
export function* sampleDurations(
  request: Parameters<BrowseStore["sampleDurations"]>[0],
): Script<readonly DurationSample[]> {
  const limit = Math.max(0, request.limit);
  if (limit === 0) return [];
  const { runs } = yield* sampleRuns(request, limit);
  return runs
    .flatMap(({ runId, job, state, finishedAtMs, durationMs }) =>
      durationMs === undefined ? [] : [{ runId, job, state, atMs: finishedAtMs, durationMs }],
    )
    .toSorted((a, b) => a.atMs - b.atMs || a.runId - b.runId)
    .slice(0, limit);
}

// `undefined` when there are too many to be counted. Members count, not their pipelines, unless one is asked for.
function* countFailures(
  { job, fromMs, toMs }: SeriesRequest,
  bucketMs: number,
): Script<ReadonlyMap<number, number> | undefined> {
  const lanes =
    job === undefined
      ? yield* all<{ id: number }>("select id from lane where kind = 'pipeline'")
      : yield* all<{ id: number }>("select id from lane where job = ?", job);
  const counts = job === undefined ? "x.lane_id not in (ids ?)" : "x.lane_id in (ids ?)";
  const rows = yield* all<{ place: number; looked: number; count: number }>(
    `select place, count(*) as looked, sum(case when ${counts} then 1 else 0 end) as count
    from (select (o.finished_at - cast(? as bigint)) / cast(? as bigint) as place, o.lane_id from outcome o
      where o.failed_root is not null and o.finished_at >= ? and o.finished_at < ?
      order by o.finished_at desc limit ${maxFailures}) x group by place`,
    idList(lanes.map(({ id }) => id)),
    fromMs,
    bucketMs,
    fromMs,
    toMs,
  );
  const looked = rows.reduce((sum, row) => sum + row.looked, 0);
  return looked >= maxFailures ? undefined : new Map(rows.map(({ place, count }) => [place, count]));
}

interface BucketContent {
  readonly ended: readonly SampledRun[];
  readonly queued: readonly SampledRun[];
  /** Counted; `undefined` where the sample has to do. */
  readonly failed: number | undefined;
  readonly oneIn: number;
}

function toBucket(atMs: number, { ended, queued, failed, oneIn }: BucketContent): SeriesBucket {
  const metrics = ended.flatMap((run) =>
    run.metrics === undefined ? [] : [JSON.parse(run.metrics) as AttemptMetrics],
  );
  const durations = sorted(ended.map(({ durationMs }) => durationMs));
  const total = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((sum, value) => sum + (value ?? 0), 0) * oneIn;
  const peaks = sorted(metrics.map(({ peakMemoryBytes }) => peakMemoryBytes));
  return {
    atMs,
    finished: ended.filter(({ state }) => state === "FINISHED").length * oneIn,
    failed: failed ?? ended.filter(({ state }) => state === "ERROR").length * oneIn,
    records: total(ended.map(({ records }) => records)),
    p50Ms: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
    queueP95Ms: percentile(sorted(queued.map(({ queueMs }) => queueMs)), 0.95),
    cpuMs: total(metrics.map(({ cpuMs }) => cpuMs)),
    peakMemoryBytes: peaks.at(-1),
    networkBytes: total(metrics.map(({ networkBytesIn = 0, networkBytesOut = 0 }) => networkBytesIn + networkBytesOut)),
    storeMs: total(metrics.map(({ storeMs }) => storeMs)),
  };
}

function sorted(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
}

// Nearest rank.
function percentile(ascending: readonly number[], share: number): number | undefined {
  return ascending[Math.ceil(ascending.length * share) - 1];
}

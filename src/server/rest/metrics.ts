// Durations, throughput, success, queues and resources over time, in at most 240 equal buckets.
import type { Metrics } from "../../api/job.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { DurationSample, Series, SeriesBucket } from "../../store/browse/browse-store.ts";
import type { Handlers } from "../handler.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { type Range, toRange } from "../views/to-range.ts";

const dayMs = 86_400_000;
const longestMs = 400 * dayMs;
const maxBuckets = 240;
const maxSamples = 500;
/** Lengths that people read well; between them a range gets 30 to 240 buckets. */
const niceMs = [1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 21_600_000, dayMs, 2 * dayMs];

/** Without a range the last day. */
export function createMetricsHandlers({ store }: ServerServices): Handlers<"showMetrics"> {
  return {
    async showMetrics({ query: { job, since, until } }) {
      const nowMs = await store.readClockMs();
      const { bucketMs, ...range } = toBuckets(
        toRange(
          { from: since, to: until },
          { defaults: { fromMs: nowMs - dayMs, toMs: nowMs }, longestMs, names: ["since", "until"] },
        ),
      );
      const scope = { ...range, ...(job === undefined ? {} : { job }) };
      const [series, samples] = await Promise.all([
        store.readSeries({ ...scope, bucketMs }),
        store.sampleDurations({ ...scope, limit: maxSamples }),
      ]);
      return toMetrics(range, bucketMs, series, samples);
    },
  };
}

// The begin moves back to a whole bucket, so that the same bucket means the same time at each look.
function toBuckets({ fromMs, toMs }: Range): Range & { readonly bucketMs: number } {
  const leastMs = (toMs - fromMs) / (maxBuckets - 1);
  const bucketMs = niceMs.find((length) => length >= leastMs) ?? Math.ceil(leastMs / dayMs) * dayMs;
  return { fromMs: Math.floor(fromMs / bucketMs) * bucketMs, toMs, bucketMs };
}

function toMetrics(range: Range, bucketMs: number, series: Series, samples: readonly DurationSample[]): Metrics {
  const times = listTimes(range, bucketMs);
  const bucketAt = new Map(series.buckets.map((bucket) => [bucket.atMs, bucket]));
  const count = (pick: (bucket: SeriesBucket) => number): number[] =>
    times.map((atMs) => valueOf(bucketAt.get(atMs), pick) ?? 0);
  const measure = (pick: (bucket: SeriesBucket) => number | undefined): (number | null)[] =>
    times.map((atMs) => valueOf(bucketAt.get(atMs), pick) ?? null);
  return {
    since: toInstant(range.fromMs),
    until: toInstant(range.toMs),
    bucket_ms: bucketMs,
    sampled_one_in: series.sampledOneIn,
    times: times.map(toInstant),
    finished: count(({ finished }) => finished),
    failed: count(({ failed }) => failed),
    records: count(({ records }) => records),
    duration_p50_ms: measure(({ p50Ms }) => p50Ms),
    duration_p95_ms: measure(({ p95Ms }) => p95Ms),
    queue_p95_ms: measure(({ queueP95Ms }) => queueP95Ms),
    cpu_ms: count(({ cpuMs }) => cpuMs),
    peak_memory_bytes: measure(({ peakMemoryBytes }) => peakMemoryBytes),
    network_bytes: count(({ networkBytes }) => networkBytes),
    store_ms: count(({ storeMs }) => storeMs),
    scatter: samples.map(({ runId, job, state, atMs, durationMs }) => ({
      run_id: formatRunId(runId),
      job_name: job,
      at: toInstant(atMs),
      duration_ms: durationMs,
      state,
    })),
  };
}

function listTimes({ fromMs, toMs }: Range, bucketMs: number): readonly number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / bucketMs) }, (_, index) => fromMs + index * bucketMs);
}

function valueOf(
  bucket: SeriesBucket | undefined,
  pick: (bucket: SeriesBucket) => number | undefined,
): number | undefined {
  return bucket === undefined ? undefined : pick(bucket);
}

// Reads how long the last runs of each job took, for estimates and comparisons. All requests share the answer for a few
// seconds, so that a screen that many people look at costs the store little.
import type { PastDurations } from "../../insight/estimate.ts";
import type { BrowseStore } from "../../store/browse/browse-store.ts";
import type { RecentRun } from "../../store/rows/recent-runs.ts";
import { durationOf } from "./runs/to-run.ts";

export interface JobHistory {
  /** Durations of the last finished runs of these jobs, at most 5 s old; of others nothing is known. */
  durationsOf(jobs: Iterable<string>): Promise<(job: string) => PastDurations | undefined>;
}

/** A job's history is read from so many of its last runs. */
export const recentRunsOfJob = 30;

const maxAgeMs = 5_000;
const maxJobs = 5_000;
const histories = new WeakMap<object, JobHistory>();

/** The one of this store. */
export function jobHistoryOf(store: Pick<BrowseStore, "listRecentRuns">): JobHistory {
  const known = histories.get(store) ?? createJobHistory(store);
  histories.set(store, known);
  return known;
}

/** @param now of a clock that never goes back, in milliseconds */
export function createJobHistory(
  store: Pick<BrowseStore, "listRecentRuns">,
  now: () => number = () => performance.now(),
): JobHistory {
  const known = new Map<string, { readonly readAtMs: number; readonly durations: PastDurations | undefined }>();
  return {
    async durationsOf(jobs) {
      const nowMs = now();
      const stale = [...new Set(jobs)].filter((job) => nowMs - (known.get(job)?.readAtMs ?? -Infinity) >= maxAgeMs);
      if (stale.length > 0) {
        const byJob = Map.groupBy(await store.listRecentRuns(stale, recentRunsOfJob), ({ job }) => job);
        if (known.size > maxJobs) known.clear();
        for (const job of stale) known.set(job, { readAtMs: nowMs, durations: toPastDurations(byJob.get(job) ?? []) });
      }
      return (job) => known.get(job)?.durations;
    },
  };
}

/** Nearest ranks over the runs that FINISHED; `undefined` without one. */
export function toPastDurations(runs: readonly RecentRun[]): PastDurations | undefined {
  const durations = runs
    .flatMap((run) => (run.state === "FINISHED" ? [durationOf(run) ?? []] : []))
    .flat()
    .toSorted((a, b) => a - b);
  const p50Ms = durations[Math.ceil(durations.length * 0.5) - 1];
  const p95Ms = durations[Math.ceil(durations.length * 0.95) - 1];
  return p50Ms === undefined || p95Ms === undefined ? undefined : { p50Ms, p95Ms };
}

// How long the runs of each job took and how they ended, over the last weeks. Shared by all requests and read again after a
// few seconds, so that a screen that many people look at costs the store one read.
import type { PastDurations } from "../insight/estimate.ts";
import type { Store } from "../store/store.ts";
import type { JobStatistics } from "../store/upkeep-store.ts";

export interface JobHistory {
  /** Of jobs with a run that ended in that time. At most `maxAgeMs` old. */
  statistics(): Promise<ReadonlyMap<string, JobStatistics>>;
  /** For estimates; answers from what is there. */
  pastDurations(): Promise<(job: string) => PastDurations | undefined>;
}

const spanMs = 14 * 86_400_000;
const maxAgeMs = 5_000;

/** @param now of a clock that never goes back, in milliseconds */
export function createJobHistory(
  store: Pick<Store, "jobStatistics" | "readClockMs">,
  now: () => number = () => performance.now(),
): JobHistory {
  let known: { readonly readAtMs: number; readonly byJob: Promise<ReadonlyMap<string, JobStatistics>> } | undefined;
  const statistics = (): Promise<ReadonlyMap<string, JobStatistics>> => {
    if (known !== undefined && now() - known.readAtMs < maxAgeMs) return known.byJob;
    const byJob = read(store);
    const entry = { readAtMs: now(), byJob };
    known = entry;
    // A failure is told to those who wait for it, and not kept.
    byJob.catch(() => {
      if (known === entry) known = undefined;
    });
    return byJob;
  };
  return {
    statistics,
    async pastDurations() {
      const byJob = await statistics();
      return (job) => {
        const { p50Ms, p95Ms } = byJob.get(job) ?? {};
        return p50Ms === undefined || p95Ms === undefined ? undefined : { p50Ms, p95Ms };
      };
    },
  };
}

async function read(
  store: Pick<Store, "jobStatistics" | "readClockMs">,
): Promise<ReadonlyMap<string, JobStatistics>> {
  const nowMs = await store.readClockMs();
  const statistics = await store.jobStatistics({ sinceMs: nowMs - spanMs });
  return new Map(statistics.map((entry) => [entry.job, entry]));
}

// Tells how long runs of a job took, for callers that cannot wait for the store: each answer is what was known at the
// question before.
import type { PastDurations } from "../../insight/estimate.ts";
import type { BrowseStore } from "../../store/browse/browse-store.ts";
import { jobHistoryOf } from "./job-history.ts";

const maxJobs = 5_000;

/** @returns a function that asks the store in the background; the first question about a job gets `undefined` */
export function createPastOfJobs(
  store: Pick<BrowseStore, "listRecentRuns">,
  onError: (error: unknown) => void,
): (job: string) => PastDurations | undefined {
  const history = jobHistoryOf(store);
  const known = new Map<string, PastDurations | undefined>();
  const asked = new Set<string>();
  const ask = async (job: string): Promise<void> => {
    try {
      const find = await history.durationsOf([job]);
      if (known.size >= maxJobs) known.clear();
      known.set(job, find(job));
    } catch (error) {
      onError(error);
    } finally {
      asked.delete(job);
    }
  };
  return (job) => {
    if (!asked.has(job)) {
      asked.add(job);
      void ask(job);
    }
    return known.get(job);
  };
}

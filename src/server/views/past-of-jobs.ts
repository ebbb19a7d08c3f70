// How long runs of a job took, for who cannot wait for the store: the answer is what was known at the last question.
import type { PastDurations } from "../../insight/estimate.ts";
import type { BrowseStore } from "../../store/browse/browse-store.ts";
import { jobHistoryOf } from "./job-history.ts";

const maxJobs = 5_000;

/** The first question of a job is answered with `undefined`, and asks the store. */
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

// Whether a project has nothing to do: for processes that work until that is so.
import { builtInJobNames } from "../../core/job/built-in-job-names.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import type { AppParts } from "../app-parts.ts";
import { findLag, keptJobs } from "./start-replicas.ts";

/** Beyond that nobody is interested in how many there are. */
const countCap = 1_000;

/**
 * Whether no run is left but those that have no end of their own, and these have done all that is in their topics: no record waits
 * for its next try either. Of topics that are read in batches, what makes no batch yet may wait.
 */
export async function isIdle(
  { store, definitions }: Pick<AppParts, "store" | "definitions">,
  log: () => Promise<Pick<StreamLog, "findTopic">>,
): Promise<boolean> {
  const kept = keptJobs(definitions);
  const standing = new Set([...builtInJobNames, ...kept.map(({ job }) => job)]);
  const unfinished = await store.countUnfinished(countCap);
  if (unfinished.some(({ job, count }) => count > 0 && !standing.has(job))) return false;
  for (const { stream } of kept) {
    if ((await findLag(store, await log(), stream)) > 0) return false;
    if (((await store.findGroup(stream.group))?.parked ?? 0) > 0) return false;
  }
  return true;
}

// The store port over scripts: what screens show of many runs. All reads. See script-store.ts.
import type { BrowseStore } from "./browse-store.ts";
import type { ScriptRunner } from "./script-store.ts";
import { countUnfinished } from "./scripts/count-unfinished.ts";
import { listFailureClusters } from "./scripts/failure-clusters.ts";
import { listRecentRuns } from "./scripts/recent-runs.ts";
import { readRunGraph } from "./scripts/run-graph.ts";
import { searchLogs } from "./scripts/search-logs.ts";
import { searchRuns } from "./scripts/search-runs.ts";

/** Lists, clusters, bars and series. */
export function createBrowseStore({
  read,
}: ScriptRunner): Pick<
  BrowseStore,
  "searchRuns" | "listRecentRuns" | "countUnfinished" | "readRunGraph" | "searchLogs" | "listFailureClusters"
> {
  return {
    searchRuns: (search) => read(() => searchRuns(search)),
    listFailureClusters: (request) => read(() => listFailureClusters(request)),
    listRecentRuns: (jobs, limit) => read(() => listRecentRuns(jobs, limit)),
    countUnfinished: (cap) => read(() => countUnfinished(cap)),
    readRunGraph: (runId, limit) => read(() => readRunGraph(runId, limit)),
    searchLogs: (search) => read(() => searchLogs(search)),
  };
}

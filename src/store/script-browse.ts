// The store port over scripts: what screens show of many runs. All reads. See script-store.ts.
import type { BrowseStore } from "./browse-store.ts";
import type { ScriptRunner } from "./script-store.ts";
import { listCheckResults } from "./scripts/check-results.ts";
import { countUnfinished } from "./scripts/count-unfinished.ts";
import { listFailureClusters } from "./scripts/failure-clusters.ts";
import { listRecentRuns } from "./scripts/recent-runs.ts";
import { listBars } from "./scripts/run-bars.ts";
import { readRunGraph } from "./scripts/run-graph.ts";
import { listGrid } from "./scripts/run-grid.ts";
import { readSeries, sampleDurations } from "./scripts/run-series.ts";
import { searchLogs } from "./scripts/search-logs.ts";
import { searchRuns } from "./scripts/search-runs.ts";
import { listUnits } from "./scripts/units.ts";

/** Lists, clusters, bars and series. */
export function createBrowseStore({ read }: ScriptRunner): BrowseStore {
  return {
    searchRuns: (search) => read(() => searchRuns(search)),
    listFailureClusters: (request) => read(() => listFailureClusters(request)),
    listRecentRuns: (jobs, limit) => read(() => listRecentRuns(jobs, limit)),
    countUnfinished: (cap) => read(() => countUnfinished(cap)),
    listBars: (range) => read(() => listBars(range)),
    readSeries: (request) => read(() => readSeries(request)),
    sampleDurations: (request) => read(() => sampleDurations(request)),
    readRunGraph: (runId, limit) => read(() => readRunGraph(runId, limit)),
    listGrid: (job, before, limit) => read(() => listGrid(job, before, limit)),
    searchLogs: (search) => read(() => searchLogs(search)),
    listCheckResults: (request) => read(() => listCheckResults(request)),
    listUnits: (request) => read(() => listUnits(request)),
  };
}

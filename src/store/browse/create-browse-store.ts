// The store port over scripts: what screens show of many runs. All reads. See script-store.ts.
import type { BrowseStore } from "./browse-store.ts";
import type { ScriptRunner } from "../script-store.ts";
import { listCheckResults } from "./check-results.ts";
import { countUnfinished } from "./count-unfinished.ts";
import { listFailureClusters } from "../search/failure-clusters.ts";
import { listRecentRuns } from "../rows/recent-runs.ts";
import { listBars } from "./run-bars.ts";
import { readRunGraph } from "../rows/run-graph.ts";
import { listGrid } from "./run-grid.ts";
import { readSeries, sampleDurations } from "./run-series.ts";
import { searchLogs } from "../search/search-logs.ts";
import { searchRuns } from "../search/search-runs.ts";
import { listUnits } from "../record/units.ts";

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

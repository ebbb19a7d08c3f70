// The store port over scripts: what screens show of many runs. All reads.
import type { BrowseStore } from "./browse-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { listCheckResults } from "./check-results.ts";
import { countUnfinished } from "./count-unfinished.ts";
import { listDiscarded } from "./discarded-columns.ts";
import { listRecentRuns } from "../rows/recent-runs.ts";
import { listBars } from "./run-bars.ts";
import { readRunGraph } from "../rows/run-graph.ts";
import { listGrid } from "./run-grid.ts";
import { readSeries, sampleDurations } from "./run-series.ts";
import { listUnits } from "../record/units.ts";

/** Lists, clusters, bars and series. */
export function createBrowseStore({ read }: ScriptRunner): BrowseStore {
  return {
    listRecentRuns: (jobs, limit) => read(() => listRecentRuns(jobs, limit)),
    countUnfinished: (cap) => read(() => countUnfinished(cap)),
    listBars: (range) => read(() => listBars(range)),
    readSeries: (request) => read(() => readSeries(request)),
    sampleDurations: (request) => read(() => sampleDurations(request)),
    readRunGraph: (runId, limit) => read(() => readRunGraph(runId, limit)),
    listGrid: (job, before, limit) => read(() => listGrid(job, before, limit)),
    listCheckResults: (request) => read(() => listCheckResults(request)),
    listDiscarded: (dataset, jobs) => read(() => listDiscarded(dataset, jobs)),
    listUnits: (request) => read(() => listUnits(request)),
  };
}

// The part of the store port over scripts in which people search. All reads.
import type { ScriptRunner } from "../rows/script-runner.ts";
import { listFailureClusters } from "./failure-clusters.ts";
import { searchLogs } from "./search-logs.ts";
import { searchRuns } from "./search-runs.ts";
import type { SearchStore } from "./search-store.ts";

export function createSearchStore({ read }: Pick<ScriptRunner, "read">): SearchStore {
  return {
    searchRuns: (search) => read(() => searchRuns(search)),
    listFailureClusters: (request) => read(() => listFailureClusters(request)),
    searchLogs: (search) => read(() => searchLogs(search)),
  };
}

// The store port over scripts: what screens show of many runs. All reads. See script-store.ts.
import type { BrowseStore } from "./browse-store.ts";
import type { ScriptRunner } from "./script-store.ts";
import { searchRuns } from "./scripts/search-runs.ts";

/** Lists, clusters, bars and series. */
export function createBrowseStore({ read }: ScriptRunner): Pick<BrowseStore, "searchRuns"> {
  return {
    searchRuns: (search) => read(() => searchRuns(search)),
  };
}

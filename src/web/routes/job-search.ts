// What the address of a job says: the tab.
import { readOneOf, type RawSearch } from "../search-params.ts";

export const jobTabs = ["grid", "graph", "metrics", "state", "schedule"] as const;

export type JobTab = (typeof jobTabs)[number];

export interface JobSearch {
  readonly tab?: JobTab | undefined;
}

export function parseJobSearch(raw: RawSearch): JobSearch {
  return { tab: readOneOf(raw, "tab", jobTabs) };
}

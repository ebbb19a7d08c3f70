// Parses the address of a job: the tab, and the range of its metrics.
import { readOneOf, type RawSearch } from "../search-params.ts";
import { parseMetricsSearch, type MetricsSearch } from "./metrics-search.ts";

export const jobTabs = ["grid", "graph", "figures", "metrics", "state", "schedule"] as const;

export type JobTab = (typeof jobTabs)[number];

export interface JobSearch extends Omit<MetricsSearch, "job"> {
  /** Left out: the grid. */
  readonly tab?: JobTab | undefined;
}

export function parseJobSearch(raw: RawSearch): JobSearch {
  const { range, since, until, as } = parseMetricsSearch(raw);
  return { tab: readOneOf(raw, "tab", jobTabs), range, since, until, as };
}

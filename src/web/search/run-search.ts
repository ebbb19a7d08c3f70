// Parses the address of a run: the tab, and the filters of its lists.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export const runTabs = ["overview", "graph", "gantt", "jobs", "events", "logs", "units", "requests", "data"] as const;

export type RunTab = (typeof runTabs)[number];

export interface RunSearch {
  /** Left out: where the run opens by itself. */
  readonly tab?: RunTab | undefined;
  readonly q?: string | undefined;
  readonly level?: "debug" | "info" | "warn" | "error" | undefined;
  readonly state?: string | undefined;
  /** Position of a log line to begin at. */
  readonly line?: string | undefined;
}

export function parseRunSearch(raw: RawSearch): RunSearch {
  return {
    tab: readOneOf(raw, "tab", runTabs),
    q: readText(raw, "q"),
    level: readOneOf(raw, "level", ["debug", "info", "warn", "error"]),
    state: readText(raw, "state"),
    line: readText(raw, "line"),
  };
}

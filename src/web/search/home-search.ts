// Parses the address of the home screen: the text to find, the state of jobs, and whether members of pipelines show.
import type { RunState } from "../../core/job/run-state.ts";
import { readFlag, readOneOf, readText, type RawSearch } from "../search-params.ts";
import { runStates } from "./runs-search.ts";

export interface HomeSearch {
  readonly q?: string | undefined;
  readonly state?: RunState | undefined;
  readonly members?: true | undefined;
}

export function parseHomeSearch(raw: RawSearch): HomeSearch {
  return { q: readText(raw, "q"), state: readOneOf(raw, "state", runStates), members: readFlag(raw, "members") };
}

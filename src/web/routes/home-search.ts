// What the address of the home screen says: the text to find and the state of jobs.
import { readText, type RawSearch } from "../search-params.ts";

export interface HomeSearch {
  readonly q?: string | undefined;
  readonly state?: string | undefined;
}

export function parseHomeSearch(raw: RawSearch): HomeSearch {
  return {
    q: readText(raw, "q"),
    state: readText(raw, "state"),
  };
}

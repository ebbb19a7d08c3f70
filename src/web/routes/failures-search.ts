// What the address of the failures inbox says: its filters.
import { readText, type RawSearch } from "../search-params.ts";

export interface FailuresSearch {
  readonly job?: string | undefined;
  readonly since?: string | undefined;
  readonly q?: string | undefined;
}

export function parseFailuresSearch(raw: RawSearch): FailuresSearch {
  return {
    job: readText(raw, "job"),
    since: readText(raw, "since"),
    q: readText(raw, "q"),
  };
}

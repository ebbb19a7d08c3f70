// What the address of the checks says: their filters.
import { readText, type RawSearch } from "../search-params.ts";

export interface ChecksSearch {
  readonly dataset?: string | undefined;
  readonly job?: string | undefined;
  readonly since?: string | undefined;
}

export function parseChecksSearch(raw: RawSearch): ChecksSearch {
  return {
    dataset: readText(raw, "dataset"),
    job: readText(raw, "job"),
    since: readText(raw, "since"),
  };
}

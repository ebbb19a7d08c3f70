// Parses the address of the checks: their filters.
import { readFlag, readText, type RawSearch } from "../search-params.ts";

export interface ChecksSearch {
  readonly dataset?: string | undefined;
  readonly job?: string | undefined;
  /** Only checks whose newest result fails. */
  readonly failing?: true | undefined;
}

export function parseChecksSearch(raw: RawSearch): ChecksSearch {
  return { dataset: readText(raw, "dataset"), job: readText(raw, "job"), failing: readFlag(raw, "failing") };
}

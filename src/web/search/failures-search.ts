// Parses the address of the failures inbox: its filters, and which cluster is open.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export const failureAges = ["1h", "24h", "7d", "30d"] as const;

export type FailureAge = (typeof failureAges)[number];

export interface FailuresSearch {
  readonly job?: string | undefined;
  /** Failed at most so long ago. */
  readonly age?: FailureAge | undefined;
  readonly q?: string | undefined;
  /** Fingerprint of the open cluster. */
  readonly open?: string | undefined;
}

export function parseFailuresSearch(raw: RawSearch): FailuresSearch {
  return {
    job: readText(raw, "job"),
    age: readOneOf(raw, "age", failureAges),
    q: readText(raw, "q"),
    open: readText(raw, "open"),
  };
}

/** The instant that an age begins at, to the minute, so that answers can be cached. */
export function sinceOf(age: FailureAge | undefined, nowMs: number): string | undefined {
  if (age === undefined) return undefined;
  const ageMs = { "1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000, "30d": 30 * 86_400_000 }[age];
  return new Date(Math.floor(nowMs / 60_000) * 60_000 - ageMs).toISOString();
}

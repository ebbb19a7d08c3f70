// Parses the address of the list of runs: the filters, exactly those of the server.
import type { RunState } from "../../core/job/run-state.ts";
import type { RunsQuery } from "../../api/run.ts";
import { readFlag, readSomeOf, readText, type RawSearch } from "../search-params.ts";

export const runStates: readonly RunState[] = ["RUNNING", "PENDING", "PAUSED", "ERROR", "FINISHED", "NOT_STARTED"];

export interface RunsSearch {
  readonly job?: string | undefined;
  /** Several, separated by commas. */
  readonly state?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly not?: string | undefined;
  readonly q?: string | undefined;
  readonly tenant?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly children?: true | undefined;
}

export function parseRunsSearch(raw: RawSearch): RunsSearch {
  const states = readSomeOf(raw, "state", runStates);
  return {
    job: readText(raw, "job"),
    state: states.length === 0 ? undefined : states.join(","),
    since: readText(raw, "since"),
    until: readText(raw, "until"),
    not: readText(raw, "not"),
    q: readText(raw, "q"),
    tenant: readText(raw, "tenant"),
    fingerprint: readText(raw, "fingerprint"),
    children: readFlag(raw, "children"),
  };
}

/**
 * The server's filter. `since` and `until` are instants, or durations back from now such as `24h`; those are resolved here.
 * A text that is neither is left out.
 */
export function toRunsFilter(search: RunsSearch, nowMs: number): Omit<RunsQuery, "cursor" | "limit"> {
  const since = toInstant(search.since, nowMs);
  const until = toInstant(search.until, nowMs);
  const filter: Record<string, string | boolean | undefined> = { ...search, since, until };
  for (const [name, value] of Object.entries(filter)) if (value === undefined) delete filter[name];
  return filter;
}

const hourMs = 3_600_000;

function toInstant(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const back = /^(\d{1,4})([hd])$/.exec(text);
  if (back !== null) {
    // Rounded to the minute, so that the same list is asked for while somebody looks at it.
    const backMs = Number(back[1]) * (back[2] === "d" ? 24 * hourMs : hourMs);
    return new Date(Math.floor((nowMs - backMs) / 60_000) * 60_000).toISOString();
  }
  const parsedMs = Date.parse(text);
  return Number.isNaN(parsedMs) ? undefined : new Date(parsedMs).toISOString();
}

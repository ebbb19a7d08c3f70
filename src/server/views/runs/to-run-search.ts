// The filter of a list of runs, from the words of a query to those of the store.
import type { RunsQuery } from "../../../api/run.ts";
import { parseRunId } from "../../../core/run-id.ts";
import { type RunState, transitions } from "../../../core/job/run-state.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { RunSearch } from "../../../store/search/search-store.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { toMs } from "../to-instant.ts";

/** A filter that its schema has checked; without `children` and `parent` only runs that belong to no other. */
export type RunFilterText = Omit<RunsQuery, "cursor" | "limit">;

const maxNames = 100;

/**
 * @param part where the filter stands in the request, for messages
 * @throws MillraceError `REQUEST_INVALID` for an unknown state or too many names
 */
export function toRunSearch(filter: RunFilterText, part = "query"): Omit<RunSearch, "limit" | "before"> {
  const { job, state, since, until, not, q, tenant, fingerprint, parent, children = false } = filter;
  const text = q?.trim();
  return {
    ...(job === undefined ? {} : { job }),
    ...(state === undefined ? {} : { states: parseStates(state, part) }),
    ...(since === undefined ? {} : { sinceMs: toMs(since) }),
    ...(until === undefined ? {} : { untilMs: toMs(until) }),
    ...(not === undefined ? {} : { notJobs: splitNames(not, `${part}.not`) }),
    ...(text === undefined || text === "" ? {} : { text }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(parent === undefined ? {} : { parentRunId: parseRunId(parent) }),
    ...(children || parent !== undefined ? {} : { rootsOnly: true }),
  };
}

// `"ERROR,PAUSED"`.
function parseStates(text: string, part = "query"): readonly RunState[] {
  return splitNames(text, `${part}.state`).map((name) => {
    const state = states.find((candidate) => candidate === name);
    if (state !== undefined) return state;
    throw requestInvalid({
      path: `${part}.state`,
      message: `expected states among ${states.join(", ")}${suggest(name, states)}, got: \`${name.slice(0, 50)}\``,
    });
  });
}

const states: readonly RunState[] = [
  ...new Set(Object.values(transitions).flatMap(({ from, to }): RunState[] => [...from, to])),
];

function splitNames(text: string, path: string): readonly string[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");
  if (names.length > maxNames) throw requestInvalid({ path, message: `expected at most \`${maxNames}\` of them` });
  return names;
}

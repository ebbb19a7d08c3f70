// Filters the candidates of a search: one look-up for each, and only in the tables that the filter speaks of.
import type { RunId } from "../../core/run-id.ts";
import type { RunSearch } from "./search-store.ts";
import { all, idList, type Script, type SqlValue } from "../rows/script.ts";
import { stateColumn, stateJoins } from "../rows/run-state-columns.ts";
import { createTextSearch } from "./text-search.ts";

/** The first `limit` of the candidates that fit, in the order of the candidates, newest first. */
export type CandidateFilter = (candidates: readonly number[], limit: number) => Script<readonly RunId[]>;

export function createCandidateFilter(
  search: Omit<RunSearch, "limit" | "before">,
  { impliesState }: { readonly impliesState: boolean },
): CandidateFilter {
  const conditions = [
    ...conditionsOf(search),
    ...(impliesState || search.states === undefined ? [] : [stateCondition(search.states)]),
  ];
  const where = conditions.map(({ sql }) => ` and ${sql}`).join("");
  const params = conditions.flatMap((condition) => condition.params);
  // A long text is read for those that fit otherwise.
  const text = search.text === undefined ? undefined : textCondition(search.text);
  const columns = text === undefined ? "" : `, ${text.columns}`;
  const sql = `select r.id${columns} from run r ${joinsOf(conditions, text !== undefined)}
    where r.id in (ids ?)${where}${text === undefined ? "" : ` and ${text.sql}`} order by r.id desc limit ?`;
  const textParams = text?.params ?? [];
  return function* (candidates, limit) {
    if (candidates.length === 0 || limit <= 0) return [];
    // The database lets too much pass where case is more than ASCII's; what is left is as many as are wanted.
    const most = text?.isExact === false ? candidates.length : limit;
    const rows = yield* all<TextRow>(sql, idList(candidates), ...params, ...textParams, most);
    const fitting = rows.filter((row) => text === undefined || text.fits(row));
    return fitting.slice(0, limit).map(({ id }) => id);
  };
}

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** What it needs beside `run`. */
  readonly needs?: "outcome" | "state";
}

function* conditionsOf(search: Omit<RunSearch, "limit">): Generator<Condition> {
  const { job, notJobs = [], sinceMs, untilMs, tenant, fingerprint, parentRunId, rootsOnly } = search;
  if (job !== undefined) yield { sql: "r.job = ?", params: [job] };
  if (notJobs.length > 0) yield notIn("r.job", notJobs);
  if (sinceMs !== undefined) yield { sql: "r.created_at >= ?", params: [sinceMs] };
  if (untilMs !== undefined) yield { sql: "r.created_at < ?", params: [untilMs] };
  if (tenant !== undefined) yield { sql: "r.tenant = ?", params: [tenant] };
  if (fingerprint !== undefined) yield { sql: "o.fingerprint = ?", params: [fingerprint], needs: "outcome" };
  if (parentRunId !== undefined) yield { sql: "r.parent_run_id = ?", params: [parentRunId] };
  if (rootsOnly === true) yield { sql: "r.parent_run_id is null", params: [] };
}

function stateCondition(states: NonNullable<RunSearch["states"]>): Condition {
  const needs = states.every((state) => state === "FINISHED" || state === "ERROR") ? "outcome" : "state";
  const marks = states.map(() => "?").join(", ");
  if (states.length === 0) return { sql: "1 = 0", params: [] };
  return { sql: `${needs === "outcome" ? "o.state" : stateColumn} in (${marks})`, params: states, needs };
}

// As many marks as the next power of two, so that few texts serve all lists.
function notIn(column: string, values: readonly string[]): Condition {
  const count = 2 ** Math.ceil(Math.log2(values.length));
  const params = Array.from({ length: count }, (_, position) => values[Math.min(position, values.length - 1)] ?? "");
  return { sql: `${column} not in (${params.map(() => "?").join(", ")})`, params };
}

function joinsOf(conditions: readonly Condition[], needsOutcome: boolean): string {
  if (conditions.some(({ needs }) => needs === "state")) return stateJoins;
  const isNeeded = needsOutcome || conditions.some(({ needs }) => needs === "outcome");
  return isNeeded ? "left join outcome o on o.run_id = r.id" : "";
}

interface TextRow {
  readonly id: RunId;
  readonly job: string;
  readonly params: string;
  readonly errorText: string | null;
}

interface TextCondition extends Condition {
  readonly columns: string;
  readonly isExact: boolean;
  readonly fits: (row: TextRow) => boolean;
}

const maxParams = 10_000;

// Params are JSON and searched as such; of an error what people read.
function textCondition(text: string): TextCondition {
  const search = createTextSearch(text);
  const params = `substr(r.params, 1, ${maxParams})`;
  const field = (name: string): string => `coalesce(json_text(o.error) ->> '${name}', '')`;
  const error = `case when o.error is null then null else ${field("code")} || ' ' || ${field("message")} || ' ' || ${field("causes")} end`;
  const like = (column: string): string => `lower(${column}) like ? escape '!'`;
  return {
    columns: `r.job, ${params} as params, ${error} as "errorText"`,
    sql: `(${like("r.job")} or ${like(params)} or ${like(params)} or (${like("o.error")} and ${like(`(${error})`)}))`,
    isExact: search.isExact,
    // What is in a field of the error is in its JSON, which is quicker to look at.
    params: [search.pattern, search.pattern, search.jsonPattern, search.jsonPattern, search.pattern],
    fits: ({ job, params: json, errorText }) =>
      search.isIn(job) || search.isInJson(json) || (errorText !== null && search.isInJson(errorText)),
  };
}

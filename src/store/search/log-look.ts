// One look over log lines: a bounded range of an index, from a place on, in either direction.
import type { RunId } from "../../core/run-id.ts";
import type { LogSearch } from "./search-store.ts";
import type { LogLevel } from "../rows/run-records.ts";
import { all, idList, type Script, type SqlValue } from "../rows/script.ts";
import { createTextSearch } from "./text-search.ts";

export type Direction = "forward" | "backward";

export interface LogPlace {
  readonly atMs: number;
  readonly runId: RunId;
  readonly seq: number;
}

/** Lines of a run that has no others in it, of a whole tree, or of some runs of a tree. */
export type LogScope = { readonly runId: RunId } | { readonly rootRunId: RunId; readonly runIds?: readonly RunId[] };

export interface LookedAt {
  /** Lines that match, one more than the limit at most, in the direction of the look. */
  readonly found: readonly LogPlace[];
  readonly first: LogPlace | undefined;
  readonly last: LogPlace | undefined;
  readonly isOver: boolean;
}

export type LogLook = (from: LogPlace | undefined, size: number, limit: number) => Script<LookedAt>;

/** The lines of one run are in the order in which they came, those of several by their times. */
export function createLogLook(search: LogSearch, scope: LogScope, direction: Direction): LogLook {
  const isTree = "rootRunId" in scope;
  const keys = isTree ? ["at", "run_id", "seq"] : ["seq"];
  const order = keys.map((key) => `${key} ${direction === "forward" ? "asc" : "desc"}`).join(", ");
  const fits = conditionsOf(search, scope);
  const sql = `with looked as materialized (
      select l.run_id, l.seq, l.at, ${fits.sql} as fits from log l where ${isTree ? "l.root_run_id" : "l.run_id"} = ?
        and (${keys.map((key) => `l.${key}`).join(", ")}) ${direction === "forward" ? ">" : "<"} (${keys.map(() => "?").join(", ")})
      order by ${order} limit ?),
    found as (select * from looked where fits = 1 order by ${order} limit ?),
    ends as (select * from (select * from looked order by ${order} limit 1) x
      union all select * from (select * from looked order by ${reverse(order)} limit 1) y)
    select run_id as "runId", seq, at as "atMs", 1 as fits, 0 as looked from found
    union all select run_id, seq, at, 0, (select count(*) from looked) from ends`;
  const owner = isTree ? scope.rootRunId : scope.runId;
  return function* (from, size, limit) {
    const start = from ?? (direction === "forward" ? beforeAll : afterAll);
    const position = isTree ? [start.atMs, start.runId, start.seq] : [start.seq];
    const rows = yield* all<LookRow>(sql, ...fits.params, owner, ...position, size, limit + 1);
    const isBefore = direction === "forward" ? inOrder : (a: LogPlace, b: LogPlace): number => inOrder(b, a);
    const byOrder = isTree
      ? isBefore
      : (a: LogPlace, b: LogPlace) => (direction === "forward" ? a.seq - b.seq : b.seq - a.seq);
    const found = rows
      .filter((row) => row.fits === 1)
      .map(toPlace)
      .toSorted(byOrder);
    const ends = rows.filter((row) => row.fits === 0);
    const [first, last] = ends.map(toPlace).toSorted(byOrder);
    return { found, first, last: last ?? first, isOver: (ends[0]?.looked ?? 0) < size };
  };
}

interface LookRow extends LogPlace {
  readonly fits: number;
  readonly looked: number;
}

const beforeAll: LogPlace = { atMs: Number.MIN_SAFE_INTEGER, runId: 0 as RunId, seq: 0 };
const afterAll: LogPlace = {
  atMs: Number.MAX_SAFE_INTEGER,
  runId: Number.MAX_SAFE_INTEGER as RunId,
  seq: 2_147_483_647,
};

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function conditionsOf(
  { text, level }: Pick<LogSearch, "text" | "level">,
  scope: LogScope,
): { readonly sql: string; readonly params: readonly SqlValue[] } {
  const conditions: [sql: string, ...params: SqlValue[]][] = [];
  if (level !== undefined) {
    const wanted = levels.slice(levels.indexOf(level)).map((name) => `'${name}'`);
    conditions.push([`l.level in (${wanted.join(", ")})`]);
  }
  if ("runIds" in scope) conditions.push(["l.run_id in (ids ?)", idList(scope.runIds)]);
  if (text !== undefined) {
    const { pattern, jsonPattern } = createTextSearch(text);
    const like = "like ? escape '!'";
    conditions.push([
      `(lower(l.message) ${like} or lower(coalesce(l.fields, '')) ${like} or lower(coalesce(l.fields, '')) ${like})`,
      pattern,
      pattern,
      jsonPattern,
    ]);
  }
  if (conditions.length === 0) return { sql: "1", params: [] };
  return {
    sql: `case when ${conditions.map(([sql]) => sql).join(" and ")} then 1 else 0 end`,
    params: conditions.flatMap(([, ...params]) => params),
  };
}

function reverse(order: string): string {
  return order.replaceAll(/\b(?:asc|desc)\b/g, (word) => (word === "asc" ? "desc" : "asc"));
}

function toPlace({ atMs, runId, seq }: LookRow): LogPlace {
  return { atMs, runId, seq };
}

function inOrder(a: LogPlace, b: LogPlace): number {
  return a.atMs - b.atMs || a.runId - b.runId || a.seq - b.seq;
}

// Finds runs for a search: each source walks one index downwards from an id and gives a bounded number of ids.
import type { RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import { all, rowList, type Script, type SqlValue } from "./script.ts";

/** Ids in [from, before), newest first. */
export interface IdRange {
  readonly from: number;
  readonly before: number;
}

export interface Look {
  readonly ids: readonly number[];
  /** Everything of the source from here on up was seen; the begin of the range at its end. */
  readonly floor: number;
}

/** Looks at about `size` runs of the range. */
export type RunSource = (range: IdRange, size: number) => Script<Look>;

/** Runs of all jobs, those inside pipelines or not. */
export function fromAll(rootsOnly: boolean): RunSource {
  return walk("run", "id", rootsOnly ? "parent_run_id is null" : undefined);
}

export function fromParent(parentRunId: RunId): RunSource {
  return walk("run", "id", "parent_run_id = ?", parentRunId);
}

/** Runs that failed in that way. */
export function fromFingerprint(fingerprint: string): RunSource {
  return walk("outcome", "run_id", "fingerprint = ?", fingerprint);
}

export function fromFailures(): RunSource {
  return walk("outcome", "run_id", "state = 'ERROR'");
}

/** Runs of few jobs: the newest of each, and of these the newest. */
export function fromJobs(jobs: readonly string[]): RunSource {
  if (jobs.length === 1) return walk("run", "id", "job = ?", jobs[0] ?? "");
  return newestOfEach("run x", "x.id", "x.job = list.value ->> 'key'", jobs);
}

/** Failed runs of few lanes. */
export function fromFailuresOf(laneIds: readonly number[]): RunSource {
  const own = "x.failed_root is not null and x.lane_id = cast(list.value ->> 'key' as int)";
  return newestOfEach("outcome x", "x.run_id", own, laneIds);
}

export interface LiveFilter {
  readonly states: ReadonlySet<RunState>;
  /** Default: all. */
  readonly laneIds?: ReadonlySet<number> | undefined;
}

/** Unfinished runs, from the tables that hold them; a state is which table, and whether a pipeline has begun. */
export function fromUnfinished({ states, laneIds }: LiveFilter): RunSource {
  const tables = [...liveTables].filter(([, { holds }]) => holds.some((state) => states.has(state)));
  return function* (range, size) {
    const ids: number[] = [];
    let floor = range.from;
    for (const [table, { state }] of tables) {
      const sql = `select h.run_id as id, h.lane_id as "laneId", ${state} as state from ${table} h
        where h.run_id < ? and h.run_id >= ? order by h.run_id desc limit ?`;
      const rows = yield* all<{ id: number; laneId: number; state: RunState }>(sql, range.before, range.from, size);
      floor = Math.max(floor, floorOf(rows, range, size));
      const own = rows.filter((row) => states.has(row.state) && (laneIds === undefined || laneIds.has(row.laneId)));
      ids.push(...own.map(({ id }) => id));
    }
    return { ids, floor };
  };
}

/** Looks at all sources and gives what all of them have seen. */
export function fromEach(sources: readonly RunSource[]): RunSource {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) return only;
  return function* (range, size) {
    const ids: number[] = [];
    let floor = range.from;
    for (const source of sources) {
      const look = yield* source(range, size);
      ids.push(...look.ids);
      floor = Math.max(floor, look.floor);
    }
    return { ids: ids.filter((id) => id >= floor).toSorted((a, b) => b - a), floor };
  };
}

// A pipeline runs from the first claim of a member on, whichever table it waits in. No job begins while it waits.
const begun = "exists (select 1 from pipeline_start b where b.run_id = h.run_id)";
const paused = "exists (select 1 from request q where q.run_id = h.run_id and q.action = 'pause')";
const queued = `case when ${begun} then 'RUNNING' else 'PENDING' end`;
const blocked = `case when ${paused} then 'PAUSED' when ${begun} then 'RUNNING' else 'PENDING' end`;

interface LiveTable {
  /** States of the runs that it holds. */
  readonly holds: readonly RunState[];
  /** The state of its row `h`. */
  readonly state: string;
  /** That of jobs, unless somebody asked to pause the run: they begin when they are claimed and not before. */
  readonly stateOfJobs: RunState;
}

/** The tables of unfinished runs. */
export const liveTables: ReadonlyMap<string, LiveTable> = new Map([
  ["lease", { holds: ["RUNNING"], state: "'RUNNING'", stateOfJobs: "RUNNING" }],
  ["ready", { holds: ["RUNNING", "PENDING"], state: queued, stateOfJobs: "PENDING" }],
  ["scheduled", { holds: ["RUNNING", "PENDING"], state: queued, stateOfJobs: "PENDING" }],
  ["waiting", { holds: ["RUNNING", "PENDING", "PAUSED"], state: blocked, stateOfJobs: "PENDING" }],
  ["parked", { holds: ["PAUSED"], state: "'PAUSED'", stateOfJobs: "PAUSED" }],
]);

function walk(table: string, key: string, condition: string | undefined, ...params: SqlValue[]): RunSource {
  const own = condition === undefined ? "" : `${condition} and `;
  const sql = `select ${key} as id from ${table} where ${own}${key} < ? and ${key} >= ? order by ${key} desc limit ?`;
  return function* (range, size) {
    const rows = yield* all<{ id: number }>(sql, ...params, range.before, range.from, size);
    return { ids: rows.map(({ id }) => id), floor: floorOf(rows, range, size) };
  };
}

// One index range for each key of the list, which begins where that key's newest end.
function newestOfEach(table: string, key: string, own: string, keys: readonly (string | number)[]): RunSource {
  const list = rowList(keys.map((value) => ({ key: value })));
  const begin = `(select min(y.id) from (select ${key} as id from ${table} where ${own} and ${key} < ? and ${key} >= ?
    order by ${key} desc limit ?) y)`;
  const sql = `select ${key} as id from (rows ?) list ordered join ${table} on ${own} and ${key} < ? and ${key} >= ${begin}
    order by ${key} desc limit ?`;
  return function* (range, size) {
    const { from, before } = range;
    const rows = yield* all<{ id: number }>(sql, list, before, before, from, size, size);
    return { ids: rows.map(({ id }) => id), floor: floorOf(rows, range, size) };
  };
}

function floorOf(rows: readonly { readonly id: number }[], { from }: IdRange, size: number): number {
  return rows.length < size ? from : (rows.at(-1)?.id ?? from);
}

// Reads the events of all runs in the order of their positions, up to an end that the adapter knows: nothing is written
// before it any more.
import type { RunId } from "../../core/run-id.ts";
import type { FeedEvent, FeedPage, FeedPosition, FeedProgress, FeedScope } from "./feed-store.ts";
import type { Json, RunKind } from "../rows/run-records.ts";
import { all, one, run, type Script, type SqlValue } from "../rows/script.ts";
import { startedColumn } from "../rows/run-state-columns.ts";

export interface FeedRequest {
  readonly after: FeedPosition;
  /** As a number; positions are below 2^53. */
  readonly end: number;
  readonly limit: number;
  readonly scope?: FeedScope | undefined;
}

/** How far a read for one job goes along the stream, most of which may be of other jobs. */
const jobStride = 20_000;

/** A range of the index of positions; of a tree of runs, the history of each of its runs. */
export function* readFeedPage({ after, end, limit, scope }: FeedRequest): Script<FeedPage> {
  const from = toNumber(after);
  const upTo = scope !== undefined && "job" in scope ? Math.min(end, from + jobStride) : end;
  const rows = from >= upTo ? [] : yield* readRows({ from, upTo, limit, scope });
  const isFull = rows.length === limit;
  const position = isFull ? (rows.at(-1)?.position ?? from) : Math.max(from, upTo);
  const floor = yield* one<{ position: number }>("select position from feed_floor where id = 1");
  return {
    events: rows.map(toEvent),
    position: String(position),
    isComplete: from >= (floor?.position ?? 0),
    isEnd: !isFull && upTo >= end,
  };
}

/** Reports of runs that have a lease now, of which there are no more than workers have slots. */
export function* readProgressFeed(afterMs: number, limit: number): Script<FeedProgress[]> {
  const rows = yield* all<ProgressRow>(
    `select g.run_id as "runId", g.done, g.total, g.operation, g.at as "atMs", r.job, r.root_run_id as "rootRunId",
      ${startedColumn} as "startedAtMs", l.started_at as "attemptStartedAtMs", (select max(e.seq) from event e where e.run_id = l.run_id) as seq
    from lease l ordered join progress g on g.run_id = l.run_id ordered join run r on r.id = l.run_id
      left join pipeline_start ps on ps.run_id = r.id
    where g.at > ? order by g.at, g.run_id limit ?`,
    afterMs,
    limit,
  );
  return rows.map(({ done, total, operation, ...row }) => ({
    ...row,
    done: done ?? undefined,
    total: total ?? undefined,
    operation: operation ?? undefined,
  }));
}

/** Remembers that the events of these runs are about to be removed. @param ids as `idList` makes them */
export function* raiseFeedFloor(ids: string): Script<void> {
  const newest = yield* one<{ position: number | null }>(
    "select max(id) as position from event where run_id in (ids ?)",
    ids,
  );
  if (newest === undefined || newest.position === null) return;
  yield* run(
    `insert into feed_floor (id, position) values (1, cast(? as bigint)) on conflict (id)
    do update set position = excluded.position where excluded.position > feed_floor.position`,
    newest.position,
  );
}

interface EventRow {
  readonly position: number;
  readonly runId: RunId;
  readonly seq: number;
  readonly type: string;
  readonly data: string | null;
  readonly atMs: number;
  readonly job: string;
  readonly kind: RunKind;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | null;
  readonly startedAtMs: number | null;
}

interface ProgressRow extends Omit<FeedProgress, "done" | "total" | "operation"> {
  readonly done: number | null;
  readonly total: number | null;
  readonly operation: string | null;
}

// The start is looked up in the run's own history, and only where it says something.
const columns = `e.id as position, e.run_id as "runId", e.seq, e.type, e.data, e.at as "atMs", r.job, r.kind,
  r.root_run_id as "rootRunId", r.parent_run_id as "parentRunId",
  case when e.type in ('finished', 'failed', 'resumed') then (select min(s.at) from event s where s.run_id = e.run_id
    and s.type = 'started' and s.seq < e.seq) end as "startedAtMs"`;

const ofAll = `select ${columns} from event e ordered join run r on r.id = e.run_id
  where e.id > ? and e.id <= ? order by e.id limit ?`;

const ofJob = `select ${columns} from event e ordered join run r on r.id = e.run_id
  where e.id > ? and e.id <= ? and r.job = ? order by e.id limit ?`;

const ofTree = `with recursive tree (id) as (select run.id from run where run.id = ?
    union all select run.id from tree ordered join run on run.parent_run_id = tree.id)
  select ${columns} from tree ordered join event e on e.run_id = tree.id ordered join run r on r.id = e.run_id
  where e.id > ? and e.id <= ? order by e.id limit ?`;

interface Range {
  readonly from: number;
  readonly upTo: number;
  readonly limit: number;
  readonly scope: FeedScope | undefined;
}

function* readRows({ from, upTo, limit, scope }: Range): Script<readonly EventRow[]> {
  const read = (sql: string, ...params: SqlValue[]): Script<readonly EventRow[]> => all<EventRow>(sql, ...params);
  if (scope === undefined) return yield* read(ofAll, from, upTo, limit);
  if ("job" in scope) return yield* read(ofJob, from, upTo, scope.job, limit);
  return yield* read(ofTree, scope.rootRunId, from, upTo, limit);
}

function toEvent({ position, data, parentRunId, startedAtMs, ...row }: EventRow): FeedEvent {
  const event = {
    ...row,
    position: String(position),
    parentRunId: parentRunId ?? undefined,
    startedAtMs: startedAtMs ?? undefined,
  };
  return data === null ? event : { ...event, data: JSON.parse(data) as Json };
}

// An invalid position reads from the first event that is still kept.
function toNumber(position: FeedPosition): number {
  const value = Number(position);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

// Log lines of a run and the runs in it, in order of time: an index has the lines of each tree by time, and a look takes in
// so many of them, whether they match or not.
import type { RunId } from "../../core/run-id.ts";
import type { LogSearch, LogSearchPage } from "./search-store.ts";
import type { Json, LogLevel } from "../rows/run-records.ts";
import { all, one, rowList, type Script } from "../rows/script.ts";
import { createLogLook, type Direction, type LogPlace } from "./log-look.ts";
import { formatLogCursor, parseLogCursor } from "./log-cursor.ts";
import { listInside } from "../rows/run-graph.ts";
import { createTextSearch } from "./text-search.ts";

/** Lines that a look takes in, and looks for a page. */
const lookSize = 4_000;
const maxLooks = 3;
/** Runs inside a pipeline that is itself inside another. */
const maxInside = 5_000;

/** @throws MillraceError `VALUE_INVALID` for a cursor that is none */
export function* searchLogs(search: LogSearch): Script<LogSearchPage> {
  const { after, before, tail = false } = search;
  const isBackward = after === undefined && (before !== undefined || tail);
  const given = after ?? before;
  const start = given === undefined ? undefined : parseLogCursor(given);
  const direction = isBackward ? "backward" : "forward";
  const { found, first, last, isOver } = yield* lookThrough(search, direction, start);
  const lines = yield* readLines(isBackward ? found.toReversed() : found, search.text);
  const [oldest, newest] = isBackward ? [last, first] : [first, last];
  const [hasBefore, hasAfter] = isBackward ? [!isOver, start !== undefined] : [start !== undefined, !isOver];
  const toCursor = (place: LogPlace | undefined): string | undefined =>
    place === undefined ? undefined : formatLogCursor(place);
  return { lines, hasBefore, hasAfter, beforeCursor: toCursor(oldest), afterCursor: toCursor(newest) };
}

interface Seen {
  readonly found: readonly LogPlace[];
  /** Where the look began and ended, in its direction. */
  readonly first: LogPlace | undefined;
  readonly last: LogPlace | undefined;
  readonly isOver: boolean;
}

function* lookThrough(search: LogSearch, direction: Direction, start: LogPlace | undefined): Script<Seen> {
  const limit = Math.max(0, search.limit);
  const scope = yield* findScope(search.runId);
  if (scope === undefined) return { found: [], first: start, last: start, isOver: true };
  const look = createLogLook(search, scope, direction);
  const found: LogPlace[] = [];
  let first: LogPlace | undefined;
  let last = start;
  for (let count = 0; count < maxLooks; count += 1) {
    const seen = yield* look(
      last,
      search.text === undefined && search.level === undefined ? limit + 1 : lookSize,
      limit,
    );
    first ??= seen.first;
    found.push(...seen.found);
    if (found.length > limit)
      return { found: found.slice(0, limit), first, last: found[limit - 1] ?? last, isOver: false };
    last = seen.last ?? last;
    if (seen.isOver) return { found, first: first ?? start, last, isOver: true };
  }
  return { found, first, last, isOver: false };
}

/** Tells whether the lines of a tree are looked at, of some runs in it, or of one run. */
function* findScope(runId: RunId): Script<Parameters<typeof createLogLook>[1] | undefined> {
  const row = yield* one<{ rootRunId: RunId; hasInside: number }>(
    `select r.root_run_id as "rootRunId",
      case when exists (select 1 from run c where c.parent_run_id = r.id) then 1 else 0 end as "hasInside"
    from run r where r.id = ?`,
    runId,
  );
  if (row === undefined) return undefined;
  if (row.rootRunId === runId) return { rootRunId: runId };
  if (row.hasInside === 0) return { runId };
  return { rootRunId: row.rootRunId, runIds: [runId, ...(yield* listInside(runId, maxInside))] };
}

interface LineRow extends LogPlace {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: string | null;
  readonly job: string;
}

function* readLines(places: readonly LogPlace[], text: string | undefined): Script<LogSearchPage["lines"]> {
  if (places.length === 0) return [];
  const rows = yield* all<LineRow>(
    `select l.run_id as "runId", l.seq, l.level, l.message, l.fields, l.at as "atMs", r.job
    from (rows ?) list ordered join log l on l.run_id = cast(list.value ->> 'run' as bigint)
      and l.seq = cast(list.value ->> 'seq' as int) ordered join run r on r.id = l.run_id order by list.key`,
    rowList(places.map(({ runId, seq }) => ({ run: runId, seq }))),
  );
  // The database lets too much pass where case is more than ASCII's.
  const search = text === undefined ? undefined : createTextSearch(text);
  const fits = ({ message, fields }: LineRow): boolean =>
    search === undefined || search.isIn(message) || (fields !== null && search.isInJson(fields));
  return rows.filter(fits).map(({ fields, ...line }) => ({
    ...line,
    ...(fields === null ? {} : { fields: JSON.parse(fields) as Json }),
    cursor: formatLogCursor(line),
  }));
}

// The rows of a service: all pages are read into a spool, and the engine reads that.
import { join } from "node:path";
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { countOf } from "../../../core/count-of.ts";
import type { SourceReading } from "../../../core/dataset/source.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatDuration } from "../../../core/duration.ts";
import { needsLedger } from "../../requests/request-journal.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { findFileFormat, type NamedFormat } from "../format-registry.ts";
import type { PageOptions, PageRows } from "../page-rows.ts";
import { addsColumns, AddingPageRows } from "./added-columns.ts";
import { describeUnits, fetchUnits, type UnitLane } from "./fetch-units.ts";
import { openFilePages } from "./file-pages.ts";
import { type HttpSource, type HttpSourceOptions, isFilePages } from "./options.ts";
import { openJournal } from "./open-journal.ts";
import { openClient, openRemote } from "./open-remote.ts";
import { openKeyedRequests } from "./key-batches.ts";
import { prepareRequests, where } from "./prepare-requests.ts";
import { createRowWatch, type RowWatch } from "./row-watch.ts";

/**
 * Reads all pages of all units.
 * @throws MillraceError `VARIABLE_UNRESOLVED` before anything is sent, `PAGINATION_BROKEN`, `SOURCE_UNREADABLE`, and what the
 *   service answers with: `RATE_LIMITED`, `AUTHENTICATION_FAILED`, `REQUEST_REJECTED`, …
 */
export async function openHttpSource({ http }: HttpSource, opening: SourceOpening): Promise<OpenSource> {
  const { reading, session, table } = opening;
  if (reading.rowsWanted !== undefined) assertOnlyReads(http, reading.effect);
  const prepared = await prepareRequests(http, opening);
  const format = findFileFormat(http.read?.format ?? "json");
  await using client = openClient(http, opening, prepared);
  const remote = await openRemote(http, opening, prepared, client);
  const lanesWanted = reading.rowsWanted === undefined ? (reading.concurrency ?? 1) : 1;
  using lanes = openLanes(http, opening, format, Math.min(prepared.most, lanesWanted));
  const staleMs: number[] = [];
  const outcomes = await fetchUnits({
    options: http,
    format,
    client,
    lanes: lanes.all,
    where,
    ...prepared,
    journal: openJournal(http, opening),
    remote,
    keys: openKeyedRequests(http, opening, prepared),
    sending: { root: opening.root, spool: join(opening.spool, "sent") },
    isWhole: reading.isWhole === true || prepared.isWhole,
    reading,
    ...(reading.rowsWanted === undefined ? {} : { rowsWanted: reading.rowsWanted }),
    freshSinceMs: http.resume === true ? reading.sinceMs : undefined,
    signal: opening.signal,
    observer: opening.observer,
    now: () => opening.now(),
    warn: once((message) => opening.warn(message)),
    onStale: (ageMs) => staleMs.push(ageMs),
    operation: (text) => opening.operation(text),
  });
  const pages = lanes.join();
  const read = await pages.finish(session, table);
  await reading.onRead?.(outcomes);
  const { unitColumn } = opening;
  const told = unitColumn === undefined ? read.sql : await pages.tellUnits(session, read, unitColumn);
  const sql = await withColumns(session, told, { columns: http.read?.columns ?? {}, unitColumn });
  const { warnings, telling: _telling, nameSql: _name, sql: _sql, ...found } = read;
  return {
    ...found,
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    knownRows: lanes.knownRows(),
    ...(staleMs.length === 0 ? {} : { staleSinceMs: opening.now() - Math.max(...staleMs) }),
    warnings: [...describeStale(staleMs), ...describeUnits(outcomes), ...warnings],
    place: placeOf(http),
  };
}

/** What many units have in common is told once. */
function once(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (!told.has(message)) tell(message);
    told.add(message);
  };
}

/** Whoever wants to look at a few rows does not want to change anything. */
function assertOnlyReads({ ledger, ...http }: HttpSourceOptions, effect: SourceReading["effect"]): void {
  const sent = ledger === undefined || ledger === false ? http : { ...http, ledger };
  if (!needsLedger(sent, effect)) return;
  throw new MillraceError(
    "PARAMS_INVALID",
    "a sample sends nothing that may change something, as requests of this source may",
    {
      hint: 'run it without a limit; if its requests only read, say so by `purpose: "extraction"`, or by `retry: { resend: true }`',
    },
  );
}

/** Nobody takes rows of an hour ago for those of now. */
function describeStale(agesMs: readonly number[]): string[] {
  if (agesMs.length === 0) return [];
  const age = formatDuration(Math.ceil(Math.max(...agesMs) / 1_000) * 1_000);
  return [`the service failed, and ${countOf(agesMs.length, "kept answer")} stood in for it, up to ${age} old`];
}

interface Lanes extends Disposable {
  readonly all: readonly UnitLane[];
  /** Rows of all units that were left out, because they were read before. */
  knownRows(): number;
  /** The rows of all lanes in the first. */
  join(): PageRows;
}

function openLanes(http: HttpSourceOptions, opening: SourceOpening, format: NamedFormat, count: number): Lanes {
  const open = (lane: number): UnitLane => {
    const watch = createRowWatch(http.pagination ?? { kind: "none" }, opening.reading.watch);
    return {
      watch,
      rows: openRows(
        http,
        format,
        {
          ...opening,
          tellsUnits: opening.unitColumn !== undefined,
          folder: join(opening.spool, lane === 0 ? "http" : `http-${lane}`),
        },
        watch,
      ),
    };
  };
  const first = open(0);
  const others = Array.from({ length: Math.max(0, count - 1) }, (_, index) => open(index + 1));
  return {
    all: [first, ...others],
    knownRows: () => [first, ...others].reduce((sum, { watch }) => sum + (watch?.known ?? 0), 0),
    join: () => {
      for (const { rows } of others) first.rows.join(rows);
      return first.rows;
    },
    [Symbol.dispose]: () => {
      for (const { rows } of [first, ...others]) rows[Symbol.dispose]();
    },
  };
}

/** The rows with columns that are always there. */
async function withColumns(
  session: EngineSession,
  sql: string | undefined,
  {
    columns,
    unitColumn,
  }: { readonly columns: Readonly<Record<string, string>>; readonly unitColumn: string | undefined },
): Promise<string | undefined> {
  const known = sql === undefined ? [] : (await session.describe(sql)).map(({ name }) => name.toLowerCase());
  const missing = Object.entries(columns).filter(([name]) => !known.includes(name.toLowerCase()));
  if (missing.length === 0) return sql;
  const list = missing.map(([name, type]) => {
    return `CAST(NULL AS ${printEngineType(parseEngineType(type))}) AS ${quoteIdentifier(name)}`;
  });
  if (sql === undefined && unitColumn !== undefined)
    list.push(`CAST(NULL AS INTEGER) AS ${quoteIdentifier(unitColumn)}`);
  return sql === undefined ? `SELECT ${list.join(", ")} WHERE false` : `SELECT *, ${list.join(", ")} FROM (\n${sql}\n)`;
}

interface RowsOpening
  extends Pick<SourceOpening, "root" | "onSecret" | "reading">, Pick<PageOptions, "folder" | "tellsUnits"> {}

function openRows(
  http: HttpSourceOptions,
  named: NamedFormat,
  { folder, tellsUnits, root, onSecret, reading: units }: RowsOpening,
  watch: RowWatch | undefined,
): PageRows {
  const { pages } = named.format;
  if (pages === undefined || isFilePages(named, http.read)) {
    const secrets = onSecret === undefined ? {} : { onSecret };
    return openFilePages({ folder, format: named, options: http.read, root, units, ...secrets });
  }
  const { rows, keyColumn, missing, ...added } = http.read ?? {};
  const options = {
    folder,
    tellsUnits,
    path: parseRowsPath(rows, "`read.rows` of the source"),
    isOptional: missing === "empty",
    ...(keyColumn === undefined ? {} : { keyColumn }),
    ...(watch === undefined ? {} : { watch }),
  };
  return addsColumns(added) ? new AddingPageRows(added, options, (plain) => pages.open(plain)) : pages.open(options);
}

/** The address as it is declared, for people who look at rows that were set aside. */
function placeOf({ url }: HttpSourceOptions): string {
  return URL.canParse(url) ? maskAddress(new URL(url)) : url;
}

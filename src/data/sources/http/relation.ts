// The rows of a service: all pages are read into a spool, and the engine reads that.
import { join } from "node:path";
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { countOf } from "../../../core/count-of.ts";
import { formatDuration } from "../../../core/duration.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { findFileFormat, type NamedFormat } from "../format-registry.ts";
import type { PageRows } from "../page-rows.ts";
import { addsColumns, AddingPageRows } from "./added-columns.ts";
import { describeUnits, fetchUnits } from "./fetch-units.ts";
import { openFilePages } from "./file-pages.ts";
import { isFilePages } from "./is-file-pages.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { connectedClient, createPageClient } from "./page-client.ts";
import { openJournal } from "./open-journal.ts";
import { prepareRequests, where } from "./prepare-requests.ts";
import { createRowWatch, type RowWatch } from "./row-watch.ts";

/**
 * Reads all pages of all units.
 * @throws MillraceError `VARIABLE_UNRESOLVED` before anything is sent, `PAGINATION_BROKEN`, `SOURCE_UNREADABLE`, and what the
 *   service answers with: `RATE_LIMITED`, `AUTHENTICATION_FAILED`, `REQUEST_REJECTED`, …
 */
export async function openHttpSource({ http }: HttpSource, opening: SourceOpening): Promise<OpenSource> {
  const { reading, session, table } = opening;
  const prepared = await prepareRequests(http, opening);
  const { connection } = prepared;
  const format = findFileFormat(http.read?.format ?? "json");
  const watch = createRowWatch(http.pagination ?? { kind: "none" }, reading.watch);
  await using client = connection === undefined ? createPageClient(http, where) : connectedClient(connection);
  using rows = openRows(http, format, opening, watch);
  const staleMs: number[] = [];
  const outcomes = await fetchUnits({
    options: http,
    format,
    client,
    rows,
    watch,
    where,
    ...prepared,
    journal: openJournal(http, opening),
    isWhole: reading.isWhole === true || prepared.isWhole,
    signal: opening.signal,
    observer: opening.observer,
    now: () => opening.now(),
    warn: (message) => opening.warn(message),
    onStale: (ageMs) => staleMs.push(ageMs),
    operation: (text) => opening.operation(text),
  });
  const { sql: read, warnings, telling: _, nameSql: _name, ...found } = await rows.finish(session, table);
  const sql = await withColumns(session, read, http.read?.columns ?? {});
  await reading.onRead?.(outcomes);
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    ...found,
    warnings: [...describeStale(staleMs), ...describeUnits(outcomes), ...warnings],
    place: placeOf(http),
  };
}

/** Nobody takes rows of an hour ago for those of now. */
function describeStale(agesMs: readonly number[]): string[] {
  if (agesMs.length === 0) return [];
  const age = formatDuration(Math.ceil(Math.max(...agesMs) / 1_000) * 1_000);
  return [`the service failed, and ${countOf(agesMs.length, "kept answer")} stood in for it, up to ${age} old`];
}

/** The rows with columns that are always there. */
async function withColumns(
  session: EngineSession,
  sql: string | undefined,
  columns: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const known = sql === undefined ? [] : (await session.describe(sql)).map(({ name }) => name.toLowerCase());
  const missing = Object.entries(columns).filter(([name]) => !known.includes(name.toLowerCase()));
  if (missing.length === 0) return sql;
  const list = missing.map(([name, type]) => {
    return `CAST(NULL AS ${printEngineType(parseEngineType(type))}) AS ${quoteIdentifier(name)}`;
  });
  return sql === undefined ? `SELECT ${list.join(", ")} WHERE false` : `SELECT *, ${list.join(", ")} FROM (\n${sql}\n)`;
}

function openRows(
  http: HttpSourceOptions,
  named: NamedFormat,
  { spool, root, onSecret }: SourceOpening,
  watch: RowWatch | undefined,
): PageRows {
  const { pages } = named.format;
  const folder = join(spool, "http");
  if (pages === undefined || isFilePages(named, http.read)) {
    const secrets = onSecret === undefined ? {} : { onSecret };
    return openFilePages({ folder, format: named, options: http.read, root, ...secrets });
  }
  const { rows, keyColumn, missing, ...added } = http.read ?? {};
  const options = {
    folder,
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

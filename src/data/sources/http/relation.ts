// The rows of a service: all pages are read into a spool, and the engine reads that.
import { join } from "node:path";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { findFileFormat, type NamedFormat } from "../format-registry.ts";
import type { PageRows } from "../page-rows.ts";
import { ExchangeLog } from "./exchange-log.ts";
import { describeUnits, fetchUnits, type FetchUnitsInput } from "./fetch-units.ts";
import { openFilePages } from "./file-pages.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { connectedClient, createPageClient } from "./page-client.ts";
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
  await using client = connection === undefined ? createPageClient(http, where, opening) : connectedClient(connection);
  using rows = openRows(http, format, join(opening.spool, "http"), watch);
  const fetching: FetchUnitsInput = {
    log: new ExchangeLog(),
    options: http,
    format,
    client,
    rows,
    watch,
    where,
    ...prepared,
    isWhole: reading.isWhole ?? false,
    ...(reading.rowsWanted === undefined ? {} : { rowsWanted: reading.rowsWanted }),
    signal: opening.signal,
    now: () => opening.now(),
    warn: (message) => opening.warn(message),
    operation: (text) => opening.operation(text),
  };
  const outcomes = await fetchTold(fetching, opening);
  const { sql, warnings, telling: _, ...found } = await rows.finish(session, table);
  await reading.onRead?.(outcomes);
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    ...found,
    warnings: [...describeUnits(outcomes), ...warnings],
    place: placeOf(http),
  };
}

/** What was asked is told also when it failed, which is when people look. */
async function fetchTold(input: FetchUnitsInput, { onRequests }: SourceOpening): ReturnType<typeof fetchUnits> {
  try {
    return await fetchUnits(input);
  } finally {
    const sent = input.log.summary();
    if (sent !== undefined) await onRequests?.(sent);
  }
}

function openRows(http: HttpSourceOptions, named: NamedFormat, folder: string, watch: RowWatch | undefined): PageRows {
  const { pages } = named.format;
  if (pages?.variants.includes(named.variant) !== true) return openFilePages(folder, named);
  const { rows, keyColumn, missing } = http.read ?? {};
  return pages.open({
    folder,
    path: parseRowsPath(rows, "`read.rows` of the source"),
    isOptional: missing === "empty",
    ...(keyColumn === undefined ? {} : { keyColumn }),
    ...(watch === undefined ? {} : { watch }),
  });
}

/** The address as it is declared, for people who look at rows that were set aside. */
function placeOf({ url }: HttpSourceOptions): string {
  return URL.canParse(url) ? maskAddress(new URL(url)) : url;
}

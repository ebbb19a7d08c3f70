// The rows of a service: all pages are read into a spool, and the engine reads that.
import { join } from "node:path";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { countOf } from "../../../core/count-of.ts";
import type { VariableValue } from "../../../core/dataset/variables.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isSecretKey } from "../../../core/errors/secret-redactor.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { OpenSource, SourceConnection, SourceOpening } from "../../source.ts";
import { findFileFormat, type NamedFormat } from "../format-registry.ts";
import type { PageRows } from "../page-rows.ts";
import { describeUnits, fetchUnits } from "./fetch-units.ts";
import { openFilePages } from "./file-pages.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { connectedClient, createPageClient } from "./page-client.ts";
import { parseRequest } from "./request-template.ts";
import { createRowWatch, type RowWatch } from "./row-watch.ts";

/**
 * Reads all pages of all units.
 * @throws MillraceError `VARIABLE_UNRESOLVED` before anything is sent, `PAGINATION_BROKEN`, `SOURCE_UNREADABLE`, and what the
 *   service answers with: `RATE_LIMITED`, `AUTHENTICATION_FAILED`, `REQUEST_REJECTED`, …
 */
export async function openHttpSource({ http }: HttpSource, opening: SourceOpening): Promise<OpenSource> {
  const { reading, session, table } = opening;
  tellSecrets(opening);
  const format = findFileFormat(http.read?.format ?? "json");
  const watch = createRowWatch(http.pagination ?? { kind: "none" }, reading.watch);
  const connection = await connect(http, opening);
  await using client = connection === undefined ? createPageClient(http, where) : connectedClient(connection);
  using rows = openPages(http, format, join(opening.spool, "http"), watch);
  const staleMs: number[] = [];
  const outcomes = await fetchUnits({
    options: http,
    format,
    client,
    rows,
    watch,
    where,
    request: parseRequest(http, where, undefined, connection?.baseUrl),
    units: reading.units ?? [{ key: "", variables: {} }],
    isWhole: reading.isWhole ?? false,
    secretScopes: reading.secretScopes ?? [],
    signal: opening.signal,
    observer: opening.observer,
    now: () => opening.now(),
    warn: (message) => opening.warn(message),
    onStale: (ageMs) => staleMs.push(ageMs),
    operation: (text) => opening.operation(text),
  });
  const { sql, warnings, telling: _, ...found } = await rows.finish(session, table);
  await reading.onRead?.(outcomes);
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    ...found,
    warnings: [...describeStale(staleMs), ...describeUnits(outcomes), ...warnings],
    place: placeOf(http),
  };
}

const where = "`http` of the source";

/** Settings are secrets where their name says so; what comes out of an authentication always is one. */
function tellSecrets({ reading, onSecret }: SourceOpening): void {
  const tell = (value: VariableValue | undefined, isSecret: boolean): void => {
    if (typeof value === "string" && isSecret) onSecret?.(value);
    if (typeof value !== "object" || value === null) return;
    for (const [name, field] of Object.entries(value)) tell(field, isSecret || isSecretKey(name));
  };
  for (const { variables } of reading.units ?? []) {
    for (const scope of reading.secretScopes ?? []) tell(variables[scope], scope !== "config");
  }
}

/** Nobody takes rows of an hour ago for those of now. */
function describeStale(agesMs: readonly number[]): string[] {
  if (agesMs.length === 0) return [];
  const age = formatDuration(Math.ceil(Math.max(...agesMs) / 1_000) * 1_000);
  return [`the service failed, and ${countOf(agesMs.length, "kept answer")} stood in for it, up to ${age} old`];
}

async function connect(
  { connection }: HttpSourceOptions,
  opening: SourceOpening,
): Promise<SourceConnection | undefined> {
  if (connection === undefined) return undefined;
  if (opening.connect !== undefined) return await opening.connect(connection);
  throw new MillraceError("CONFIG_INVALID", `the project has no connection \`${connection}\``, {
    hint: "declare it in the configuration",
  });
}

function openPages(http: HttpSourceOptions, named: NamedFormat, folder: string, watch: RowWatch | undefined): PageRows {
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

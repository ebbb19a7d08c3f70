// The rows of a service: all pages are read into a spool, and the engine reads that.
import { join } from "node:path";
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import type { PayloadReading, SourceUnit } from "../../../core/dataset/source.ts";
import type { VariableValue } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isSecretKey } from "../../../core/errors/secret-redactor.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import { readBatches } from "../../payload/payload-batches.ts";
import type { OpenSource, SourceConnection, SourceOpening } from "../../source.ts";
import { needsLedger, RequestJournal } from "../../requests/request-journal.ts";
import { findFileFormat, type NamedFormat } from "../format-registry.ts";
import type { PageRows } from "../page-rows.ts";
import { addsColumns, AddingPageRows } from "./added-columns.ts";
import { describeUnits, fetchUnits } from "./fetch-units.ts";
import { openFilePages } from "./file-pages.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { connectedClient, createPageClient } from "./page-client.ts";
import { parseRequest, type RequestTemplate } from "./request-template.ts";
import { createRowWatch, type RowWatch } from "./row-watch.ts";

/**
 * Reads all pages of all units.
 * @throws MillraceError `VARIABLE_UNRESOLVED` before anything is sent, `PAGINATION_BROKEN`, `SOURCE_UNREADABLE`, and what the
 *   service answers with: `RATE_LIMITED`, `AUTHENTICATION_FAILED`, `REQUEST_REJECTED`, …
 */
export async function openHttpSource({ http }: HttpSource, opening: SourceOpening): Promise<OpenSource> {
  const { reading, session, table } = opening;
  const { units = [{ key: "", variables: {} }], payload } = reading;
  tellSecrets(opening);
  const format = findFileFormat(http.read?.format ?? "json");
  const watch = createRowWatch(http.pagination ?? { kind: "none" }, reading.watch);
  const connection = await connect(http, opening);
  const request = parseRequest(http, where, undefined, connection?.baseUrl);
  assertCarried(request, payload);
  await using client = connection === undefined ? createPageClient(http, where) : connectedClient(connection);
  using rows = openPages(http, format, join(opening.spool, "http"), watch);
  const outcomes = await fetchUnits({
    options: http,
    format,
    client,
    rows,
    watch,
    where,
    journal: openJournal(http, opening),
    request,
    units: payload === undefined ? units : eachBatch(units, payload, opening),
    // of requests that carry something each has to be answered
    isWhole: reading.isWhole === true || units.length === 1 || payload !== undefined,
    secretScopes: reading.secretScopes ?? [],
    signal: opening.signal,
    now: () => opening.now(),
    warn: (message) => opening.warn(message),
    operation: (text) => opening.operation(text),
  });
  const { sql: read, warnings, telling: _, ...found } = await rows.finish(session, table);
  const sql = await withColumns(session, read, http.read?.columns ?? {});
  await reading.onRead?.(outcomes);
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    ...found,
    warnings: [...describeUnits(outcomes), ...warnings],
    place: placeOf(http),
  };
}

const where = "`http` of the source";

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

/** Every unit once for each batch. */
async function* eachBatch(
  units: readonly SourceUnit[],
  payload: PayloadReading,
  opening: SourceOpening,
): AsyncGenerator<SourceUnit> {
  for (const { key, variables } of units) {
    for await (const { number, variables: own } of readBatches(payload, opening)) {
      yield { key: `${key}${key === "" ? "" : " "}batch ${number}`, variables: { ...variables, [payload.name]: own } };
    }
  }
}

/** Requests that carry nothing of the payload would be the same again and again. */
function assertCarried(request: RequestTemplate, payload: PayloadReading | undefined): void {
  if (payload === undefined || request.uses(payload.name)) return;
  throw new MillraceError("JOB_INVALID", `no text of ${where} has a variable of input \`${payload.name}\``, {
    hint: `send its rows, for example with \`body: { json: "{{${payload.name}.rows}}" }\``,
  });
}

function openJournal(
  http: HttpSourceOptions,
  { reading, dataset, ledger, redact }: SourceOpening,
): RequestJournal | undefined {
  if (ledger === undefined || !needsLedger(http, reading.effect)) return undefined;
  const options = http.ledger === false || http.ledger === undefined ? {} : http.ledger;
  const unknown = http.retry?.resend === true ? { unknown: "resend" as const } : {};
  return new RequestJournal({
    ledger,
    dataset,
    options: { ...unknown, ...options },
    keptHeaders: listReadHeaders(http),
    redact: (text) => redact?.(text) ?? text,
  });
}

/** Headers that something is made of. */
function listReadHeaders({ pagination, read, responses = [] }: HttpSourceOptions): readonly string[] {
  const cursor = pagination?.kind === "cursor" ? (pagination.header ?? []) : [];
  const columns = Object.values(read?.headers ?? {}).map((name) => name.replace(/\?$/, ""));
  const named = [cursor, columns, responses.flatMap(({ header = {} }) => Object.keys(header))].flat();
  return ["content-type", "link", "retry-after", ...named.map((name) => name.toLowerCase())];
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

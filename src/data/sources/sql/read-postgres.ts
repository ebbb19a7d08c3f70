// Reads a table or query of Postgres with one connection, or a table in parts with several: all see it as it was at one moment.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { trimStatement } from "../../../compute/sql-text.ts";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import type { DatabaseName } from "../../../connections/database/database-address.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type TextRow, type TextSpool, writeSpool } from "../../files/text-spool.ts";
import { type PostgresColumn, toEngineColumn } from "../../postgres/postgres-column.ts";
import { selectTexts, spoolRows, type TextSelect } from "../../postgres/postgres-spool.ts";
import type { SourceOpening } from "../../source.ts";
import { allOrStop } from "./all-or-stop.ts";
import type { BoundSource } from "./bound-source.ts";
import { splitTable } from "./postgres-parts.ts";
import type { BoundValue } from "./sql-params.ts";
import type { CopiedRows } from "./copied-rows.ts";

export async function readPostgres(
  url: DatabaseName,
  source: BoundSource,
  opening: SourceOpening,
): Promise<CopiedRows> {
  const { query, table = "", parallel = 2, params } = source;
  const { signal } = opening;
  return await withPostgres(url, { signal }, async (session) => {
    const { rowsWanted } = opening.reading;
    if (query === undefined && rowsWanted === undefined)
      return await readTable(session, { url, table: qualify(table), parallel }, opening);
    await beginReading(session);
    const rows = query ?? `SELECT * FROM ${qualify(table)} LIMIT ${rowsWanted}`;
    return await readQuery(session, rows, params, opening);
  });
}

/** From now on the session sees everything as it is when its first query begins, and writes nothing. */
export async function beginReading(session: PostgresSession): Promise<void> {
  await session.execute(snapshotOf());
}

/**
 * The same for a table, as SQL has it.
 * @returns its kind in the catalog
 * @throws MillraceError `SOURCE_MISSING`
 */
export async function beginTable(session: PostgresSession, table: string): Promise<string> {
  const kind = await kindOf(session, table);
  await beginReading(session);
  // Before the snapshot is taken, which the first query does: somebody who truncates or alters the table in between would leave an
  // empty one to whoever reads as of the snapshot, without an error.
  if (lockable.has(kind)) await session.execute(`LOCK TABLE ${table} IN ACCESS SHARE MODE`);
  return kind;
}

/** What is read is as it was when the first query began; nothing can be written by one. */
function snapshotOf(snapshot?: string): string {
  const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  return snapshot === undefined ? begin : `${begin}; SET TRANSACTION SNAPSHOT '${snapshot}'`;
}

async function readQuery(
  session: PostgresSession,
  query: string,
  params: readonly BoundValue[],
  opening: SourceOpening,
): Promise<CopiedRows> {
  const select = trimStatement(query);
  const values = params.map((value) => (value === null ? null : String(value)));
  const columns = (await session.describe(select, values)).map(toEngineColumn);
  assertColumns(columns);
  // names may occur twice in a result
  const names = columns.map((_column, index) => `c${index}`);
  const texts = selectTexts(columns, `(${select}\n) AS q(${names.join(", ")})`, names);
  const path = nextFile(opening);
  if (values.length === 0) return { columns, spools: [await spoolRows(session, texts, path)] };
  // COPY takes no bound value, a cursor does
  await session.query(`DECLARE millrace_rows NO SCROLL CURSOR FOR ${texts.sql}`, values);
  return { columns, spools: [await writeSpool(path, fetchAll(session))] };
}

async function* fetchAll(session: PostgresSession): AsyncGenerator<readonly TextRow[]> {
  for (;;) {
    const rows = await session.query("FETCH 5000 FROM millrace_rows");
    if (rows.length === 0) return;
    yield rows;
  }
}

interface TableReading {
  readonly url: string;
  /** As SQL has it. */
  readonly table: string;
  readonly parallel: number;
}

async function readTable(session: PostgresSession, reading: TableReading, opening: SourceOpening): Promise<CopiedRows> {
  const { table, parallel } = reading;
  const kind = await beginTable(session, table);
  const columns = (await session.describe(`SELECT * FROM ${table}`)).map(toEngineColumn);
  assertColumns(columns);
  const [first, ...others] = await splitTable(session, { table, kind, columns, parallel });
  if (others.length === 0) return { columns, spools: [await spoolRows(session, first, nextFile(opening))] };
  const [[snapshot = ""] = []] = await session.query("SELECT pg_export_snapshot()");
  const stop = new AbortController();
  const signal = AbortSignal.any([opening.signal, stop.signal]);
  const parts = [
    spoolRows(session, first, nextFile(opening)),
    ...others.map((select) => readPart(reading.url, String(snapshot), select, { path: nextFile(opening), signal })),
  ];
  return { columns, spools: await allOrStop(parts, stop) };
}

/** A part of the table as the snapshot of another session has it, which stays open until this one has begun. */
async function readPart(
  url: string,
  snapshot: string,
  select: TextSelect,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<TextSpool> {
  return await withPostgres(url, { signal }, async (session) => {
    await session.execute(snapshotOf(snapshot));
    return await spoolRows(session, select, path);
  });
}

/** Kinds in the catalog: tables, and those with partitions. */
const lockable: ReadonlySet<string> = new Set(["r", "p"]);

async function kindOf(session: PostgresSession, table: string): Promise<string> {
  const [row] = await session.query("SELECT relkind FROM pg_class WHERE oid = to_regclass($1)", [table]);
  if (typeof row?.[0] === "string") return row[0];
  throw new MillraceError("SOURCE_MISSING", `there is no table or view \`${table}\` in the database`, {
    hint: "correct `table` of the source; a table outside of `public` has its schema before it, as in `sales.orders`",
  });
}

function assertColumns(columns: readonly PostgresColumn[]): void {
  if (columns.length > 0) return;
  throw new MillraceError("SOURCE_UNREADABLE", "what the source reads has no column", { hint: "select at least one" });
}

/** The name as SQL has it. */
export function qualify(table: string): string {
  return table.split(".").map(quoteIdentifier).join(".");
}

function nextFile({ spool }: SourceOpening): string {
  return join(spool, `${randomUUID()}.csv`);
}

// Reads a table or query of an SQLite file, as it was at one moment, on a connection of its own. Types are those of the values, which
// SQLite has for each value by itself: they are counted first.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { trimStatement } from "../../../compute/sql-text.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { resolveProjectPath } from "../../files/project-path.ts";
import { type SpoolColumn, type TextRow, writeSpool } from "../../files/text-spool.ts";
import type { SourceOpening } from "../../source.ts";
import type { BoundSource } from "./bound-source.ts";
import type { BoundValue } from "./sql-params.ts";
import type { CopiedRows } from "./copied-rows.ts";

export async function readSqlite(
  source: BoundSource,
  { root, spool, signal, reading }: SourceOpening,
): Promise<CopiedRows> {
  const path = resolveProjectPath(root, source.path ?? "");
  if (!existsSync(path)) {
    throw new MillraceError("SOURCE_MISSING", `there is no SQLite file \`${source.path ?? ""}\``, {
      hint: "correct `path` of the source",
    });
  }
  const { DatabaseSync: Database } = await import("node:sqlite");
  const limit = reading.rowsWanted === undefined ? "" : ` LIMIT ${reading.rowsWanted}`;
  const select =
    source.query === undefined ? `SELECT * FROM ${qualify(source.table ?? "")}${limit}` : trimStatement(source.query);
  const values = source.params.map(toBound);
  try {
    using database = new Database(path, { readOnly: true, timeout: lockTimeoutMs });
    database.exec("BEGIN");
    const names = columnNames(database, select);
    const columns = names.map((name, index) =>
      toColumn(name, countTypes(database, { select, values, width: names.length }, index)),
    );
    const spooled = await writeSpool(join(spool, `${randomUUID()}.csv`), readRows(database, select, values, signal));
    return {
      columns,
      spools: [spooled],
      untyped: columns.flatMap(({ name, types }) => (types.length === 0 ? [name] : [])),
      warnings: columns.flatMap(describeMixed),
    };
  } catch (error) {
    throw toSourceError(error, path);
  }
}

const lockTimeoutMs = 30_000;

interface SqliteColumn extends SpoolColumn {
  /** Types of the values, without that of NULL. */
  readonly types: readonly string[];
}

/** Texts of numbers have every digit: whole numbers of 64 bits, and doubles as the shortest text that stands for them alone. */
function toColumn(name: string, types: readonly string[]): SqliteColumn {
  const type = typeOf(types);
  const fromText = (text: string): string =>
    type === "BLOB" ? `from_hex(${text})` : type === "VARCHAR" ? text : `CAST(${text} AS ${type})`;
  return { name, type, types, fromText };
}

function typeOf(types: readonly string[]): string {
  const [only, ...others] = types;
  return others.length > 0 ? "VARCHAR" : (engineTypes[only ?? ""] ?? "VARCHAR");
}

const engineTypes: Readonly<Record<string, string>> = {
  integer: "BIGINT",
  real: "DOUBLE",
  blob: "BLOB",
  text: "VARCHAR",
};

function describeMixed({ name, types }: SqliteColumn): string[] {
  return types.length < 2 ? [] : [`column \`${name}\` is read as text, because its values are ${types.join(" and ")}`];
}

interface SqliteQuery {
  readonly select: string;
  readonly values: readonly (string | number | bigint | null)[];
  readonly width: number;
}

function columnNames(database: DatabaseSync, select: string): string[] {
  return database
    .prepare(select)
    .columns()
    .map(({ name }) => name);
}

function countTypes(database: DatabaseSync, { select, values, width }: SqliteQuery, index: number): string[] {
  const names = Array.from({ length: width }, (_, column) => `c${column}`);
  const statement = database.prepare(
    `WITH q(${names.join(", ")}) AS (${select}\n) SELECT DISTINCT typeof(c${index}) AS type FROM q WHERE c${index} IS NOT NULL ORDER BY 1`,
  );
  return statement.all(...values).map(({ type }) => String(type));
}

function* readRows(
  database: DatabaseSync,
  select: string,
  values: SqliteQuery["values"],
  signal: AbortSignal,
): Generator<readonly TextRow[]> {
  const statement = database.prepare(select);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  let chunk: TextRow[] = [];
  for (const row of statement.iterate(...values) as Iterable<unknown>) {
    chunk.push((row as SQLOutputValue[]).map(toText));
    if (chunk.length < chunkRows) continue;
    if (signal.aborted)
      throw new MillraceError("RUN_STOPPED", "the run was stopped while it read a database", { cause: signal.reason });
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

const chunkRows = 2_000;

function toText(value: SQLOutputValue): string | null {
  if (value === null) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}

/** SQLite has no booleans. */
function toBound(value: BoundValue): string | number | bigint | null {
  return typeof value === "boolean" ? Number(value) : value;
}

function toSourceError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const primary = Number(error.errcode) & 0xff;
  // https://www.sqlite.org/rescode.html: 1 is a statement that cannot be run, 5 and 6 are locks
  if (primary === 1)
    return new MillraceError("SQL_INVALID", `SQLite cannot run the statement: ${error.message}`, { cause: error });
  const mayPass = primary === 5 || primary === 6;
  return new MillraceError("SOURCE_UNREADABLE", `SQLite file \`${path}\`: ${error.message}`, {
    cause: error,
    ...(mayPass ? { disposition: "retry" } : {}),
  });
}

function qualify(table: string): string {
  return table.split(".").map(quoteIdentifier).join(".");
}

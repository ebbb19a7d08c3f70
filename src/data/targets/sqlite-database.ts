// Opening SQLite files that belong to somebody else: what is no database is not touched, a locked one may be free later.
import { open } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { type Column, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import { toTargetError } from "../delta/delta-file-system.ts";
import { toEngineType } from "./sqlite-types.ts";

/** How long another process may hold the file before the run gives up; the event loop waits with it. */
const busyTimeoutMs = 2_000;

/** @throws MillraceError `TARGET_UNREADABLE` | `TARGET_CONFLICT` */
export async function openSqlite(path: string, options: { readonly readOnly: boolean }): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  try {
    const database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: busyTimeoutMs });
    // a file that is no database is noticed at the first read
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return database;
  } catch (error) {
    throw toSqliteError(error, path);
  }
}

/** Columns of a table, `undefined` when there is none. @throws MillraceError `TARGET_UNREADABLE` for a view */
export function sqliteColumns(database: DatabaseSync, path: string, table: string): Column[] | undefined {
  const found = database.prepare("SELECT type FROM sqlite_master WHERE lower(name) = lower(?)").get(table);
  if (found === undefined) return undefined;
  if (found["type"] !== "table") {
    throw new MillraceError(
      "TARGET_UNREADABLE",
      `\`${table}\` of \`${path}\` is no table, got: a ${String(found["type"])}`,
    );
  }
  const rows = database.prepare(`SELECT name, type FROM pragma_table_info(?)`).all(table);
  return rows.map((row) => ({ name: String(row["name"]), type: toEngineType(String(row["type"])) }));
}

/**
 * Copies a table to a text file that the engine reads, with memory that does not grow with the table.
 * @returns SQL over the copy, with the table's types
 * @throws MillraceError `SOURCE_MISSING` when the table is not there
 */
export async function spoolSqliteTable(path: string, table: string, file: string): Promise<string> {
  using database = await openSqlite(path, { readOnly: true });
  const columns = sqliteColumns(database, path, table);
  if (columns === undefined) {
    throw new MillraceError("SOURCE_MISSING", `there is no table \`${table}\` in \`${path}\``);
  }
  const longestLine = await copyRows(database, table, columns, file);
  const fields = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`).join(", ");
  const list = columns.map(({ name, type }) => `${fromText(quoteIdentifier(name), type)} AS ${quoteIdentifier(name)}`);
  const read = `read_json(${quoteLiteral(file)}, format = 'newline_delimited', columns = {${fields}}, maximum_object_size = ${Math.max(flushBytes, longestLine)})`;
  return `SELECT ${list.join(", ")} FROM ${read}`;
}

/** What `node:sqlite` throws as a MillraceError. */
export function toSqliteError(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const primary = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const message = error instanceof Error ? error.message : String(error);
  if (primary === busy || primary === locked) {
    return new MillraceError("TARGET_CONFLICT", `\`${path}\` is locked by another connection`, {
      cause: error,
      hint: "another program writes to the database; the run is tried again later",
    });
  }
  if (primary === full) {
    const hint = "free some space and run again; nothing was published";
    return new MillraceError("DISK_FULL", `no space left while writing \`${path}\``, { cause: error, hint });
  }
  if (primary === 0) return toTargetError(error, path);
  return new MillraceError("TARGET_UNREADABLE", `SQLite database \`${path}\`: ${message}`, { cause: error });
}

// https://www.sqlite.org/rescode.html
const [busy, locked, full] = [5, 6, 13];

const flushBytes = 1_048_576;

/** @returns bytes of the longest line */
async function copyRows(
  database: DatabaseSync,
  table: string,
  columns: readonly Column[],
  file: string,
): Promise<number> {
  const list = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return type === "BLOB" ? `hex(${column})` : `CAST(${column} AS TEXT)`;
  });
  const pairs = columns.map(({ name }, index) => `${quoteLiteral(name)}, ${list[index] ?? ""}`).join(", ");
  const rows = database.prepare(`SELECT json_object(${pairs}) AS line FROM ${quoteIdentifier(table)}`).iterate();
  const handle = await open(file, "w");
  try {
    let pending = "";
    let longestLine = 0;
    for (const row of rows) {
      const line = `${String(row["line"])}\n`;
      longestLine = Math.max(longestLine, Buffer.byteLength(line));
      pending += line;
      if (pending.length < flushBytes) continue;
      await handle.write(pending);
      pending = "";
    }
    await handle.write(pending);
    return longestLine;
  } finally {
    await handle.close();
  }
}

function fromText(column: string, type: string): string {
  if (type === "VARCHAR") return column;
  if (type === "BLOB") return `from_hex(${column})`;
  return `CAST(${column} AS ${type})`;
}

// Reads a table that was published to an SQLite file, from a copy as text that the engine can read, so that the file is
// free while a query runs.
import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { sqliteColumns } from "./sqlite-columns.ts";
import { withSqliteFile } from "./sqlite-file.ts";

/** Copies the table to the spool. */
export async function readSqliteTable({ path, table }: TableLocation, { spool }: TableReading): Promise<TableRows> {
  await makeFolder(spool);
  return { sql: await spoolTable(path, table, join(spool, `${randomUUID()}.ndjson`)) };
}

/**
 * Copies a table to a text file that the engine reads, with memory that does not grow with the table.
 * @returns SQL over the copy, with the table's types
 * @throws MillraceError `SOURCE_MISSING` when the table is not there
 */
async function spoolTable(path: string, table: string, file: string): Promise<string> {
  const { columns, longestLine } = await withSqliteFile(path, { readOnly: true }, async (database) => {
    const found = sqliteColumns(database, path, table);
    if (found === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${table}\` in \`${path}\``);
    }
    return { columns: found, longestLine: await copyRows(database, table, found, file) };
  });
  const fields = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`).join(", ");
  const list = columns.map(({ name, type }) => `${fromText(quoteIdentifier(name), type)} AS ${quoteIdentifier(name)}`);
  const read = `read_json(${quoteLiteral(file)}, format = 'newline_delimited', columns = {${fields}}, maximum_object_size = ${Math.max(flushBytes, longestLine)})`;
  return `SELECT ${list.join(", ")} FROM ${read}`;
}

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

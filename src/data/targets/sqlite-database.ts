// Reading tables of SQLite files: their columns, and their rows as text that the engine reads.
import { open } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { type Column, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { withSqliteFile } from "./sqlite-file.ts";
import { toEngineType } from "./sqlite-types.ts";

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

// SQL that SQLite and DuckDB have in common for changing a table from staged rows.
import { type Column, quoteIdentifier } from "../../compute/engine.ts";

/** `"a", "b"` */
export function columnList(columns: readonly Column[]): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(", ");
}

/** A new table; every column may be null, because checks are the place to say otherwise. */
export function createTable(table: string, columns: readonly Column[]): string {
  const list = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  return `CREATE TABLE ${table} (${list.join(", ")})`;
}

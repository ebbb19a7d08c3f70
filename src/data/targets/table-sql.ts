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

/** Updates rows whose key is staged and inserts the others. Columns that are not staged keep their values. */
export function mergeStatements(
  table: string,
  staged: string,
  columns: readonly Column[],
  key: readonly string[],
): string[] {
  const isKey = (name: string): boolean => key.some((part) => part.toLowerCase() === name.toLowerCase());
  const matches = key.map((name) => `t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`).join(" AND ");
  const values = columns.filter(({ name }) => !isKey(name)).map(({ name }) => quoteIdentifier(name));
  const assignments = values.map((column) => `${column} = s.${column}`).join(", ");
  const list = columnList(columns);
  const update = `UPDATE ${table} AS t SET ${assignments} FROM ${staged} AS s WHERE ${matches}`;
  // A join and no `not exists`: SQLite makes an index of the table for the one, and reads the whole table for each row of the other.
  const added = columns.map(({ name }) => `s.${quoteIdentifier(name)}`).join(", ");
  const insert = `INSERT INTO ${table} (${list}) SELECT ${added} FROM ${staged} AS s
    LEFT JOIN ${table} AS t ON ${matches} WHERE t.${quoteIdentifier(key[0] ?? "")} IS NULL`;
  return values.length === 0 ? [insert] : [update, insert];
}

// A table of MySQL by its names in the catalog, and its columns. `select *` would leave out those that are invisible.
import type { MysqlSession } from "../../connections/mysql/mysql-session.ts";
import { type MysqlColumn, type MysqlReading, toMysqlColumn } from "./mysql-column.ts";
import { listNames, quoteName, quoteText } from "./mysql-text.ts";

/** A table in a database of the server; default: the one of the address. */
export interface MysqlTable {
  readonly database?: string;
  readonly table: string;
}

/** The names as SQL has them. */
export function qualify({ database, table }: MysqlTable): string {
  return database === undefined ? quoteName(table) : `${quoteName(database)}.${quoteName(table)}`;
}

/** Condition on `table_schema` and `table_name` of the catalog. */
export function isTable({ database, table }: MysqlTable): string {
  return `table_schema = ${database === undefined ? "database()" : quoteText(database)} AND table_name = ${quoteText(table)}`;
}

/** What the catalog says of a table. */
export interface MysqlTableFacts {
  readonly isView: boolean;
  /** Whether several sessions can see it as of one moment. */
  readonly keepsSnapshots: boolean;
  readonly bytes: number;
}

/** `undefined` when there is no such table. */
export async function findTable(session: MysqlSession, place: MysqlTable): Promise<MysqlTableFacts | undefined> {
  const [row] = await session.query(
    `SELECT table_type, engine, coalesce(data_length, 0) FROM information_schema.tables WHERE ${isTable(place)}`,
  );
  if (row === undefined) return undefined;
  const [type, engine, bytes] = row;
  return { isView: type?.includes("VIEW") === true, keepsSnapshots: engine === "InnoDB", bytes: Number(bytes) };
}

/** Begins the comment of a column that tells the engine's type. */
export const noteMark = "millrace: ";

/** All columns in their order. @param only which of them are meant, by what the catalog says of each, such as `STORED GENERATED` */
export async function readColumns(
  session: MysqlSession,
  place: MysqlTable,
  reading: MysqlReading = {},
  only: (extra: string) => boolean = () => true,
): Promise<readonly MysqlColumn[]> {
  const found = await session.query(
    `SELECT column_name, column_comment, extra FROM information_schema.columns WHERE ${isTable(place)} ORDER BY ordinal_position`,
  );
  const columns = found.flatMap(([name, comment, extra]) =>
    only(extra ?? "") ? [{ name: name ?? "", noted: comment?.startsWith(noteMark) === true ? comment : "" }] : [],
  );
  if (columns.length === 0) return [];
  const fields = await session.describe(`SELECT ${listNames(columns)} FROM ${qualify(place)}`);
  return fields.map((field, index) => {
    const noted = columns[index]?.noted.slice(noteMark.length);
    return toMysqlColumn(field, { ...reading, noted: noted === "" ? undefined : noted });
  });
}

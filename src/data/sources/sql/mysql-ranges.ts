// Splits a table of MySQL by its primary key, in which its rows lie.
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { type MysqlTable, qualify } from "../../mysql/mysql-table.ts";
import { quoteName, quoteText } from "../../mysql/mysql-text.ts";

/**
 * Conditions that each row meets exactly one of, also rows that are written meanwhile: the outer ranges have no end.
 * @returns none for a table whose primary key does not begin with a whole number
 */
export async function findKeyRanges(
  session: MysqlSession,
  place: MysqlTable,
  count: number,
): Promise<readonly string[]> {
  const key = await findIntegerKey(session, place);
  if (key === undefined) return [];
  const column = quoteName(key);
  const [[least = null, most = null] = []] = await session.query(
    `SELECT min(${column}), max(${column}) FROM ${qualify(place)}`,
  );
  if (least === null || most === null) return [];
  return splitRange(column, BigInt(least), BigInt(most), count);
}

/** @param column as SQL has it */
export function splitRange(column: string, least: bigint, most: bigint, count: number): readonly string[] {
  const parts = BigInt(count);
  const span = most - least;
  if (span < parts) return [];
  const bounds = Array.from({ length: count - 1 }, (_, index) => least + (span * BigInt(index + 1)) / parts);
  const conditions = bounds.slice(1).map((end, index) => `${column} >= ${bounds[index]} AND ${column} < ${end}`);
  return [`${column} < ${bounds[0]}`, ...conditions, `${column} >= ${bounds.at(-1)}`];
}

/** The first column of the primary key, when it is a whole number. */
async function findIntegerKey(session: MysqlSession, { database, table }: MysqlTable): Promise<string | undefined> {
  const schema = database === undefined ? "database()" : quoteText(database);
  const [row] = await session.query(
    `SELECT s.column_name, c.data_type FROM information_schema.statistics s JOIN information_schema.columns c
      ON c.table_schema = s.table_schema AND c.table_name = s.table_name AND c.column_name = s.column_name
      WHERE s.table_schema = ${schema} AND s.table_name = ${quoteText(table)}
      AND s.index_name = 'PRIMARY' AND s.seq_in_index = 1`,
  );
  const [name, type] = row ?? [];
  return typeof name === "string" && /^(tiny|small|medium|big)?int$/.test(type ?? "") ? name : undefined;
}

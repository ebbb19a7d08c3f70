// Changes single rows of a table by those of the table of texts, which get the types of the table in a temporary one of their own.
import type { Column } from "../../../compute/engine.ts";
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { quoteName, quoteText } from "../../mysql/mysql-text.ts";
import { needsKey } from "../../modes/row-rule.ts";
import type { TargetInput } from "../../target.ts";
import { changeRows, type RowDialect, type RowSession } from "../row-changes.ts";
import { insertTexts } from "./mysql-staging.ts";
import { defineColumn, defineIndex, fromMysqlText, tableOptions, toMysqlText } from "./mysql-types.ts";

const typed = "_millrace_typed";

const dialect: RowDialect = {
  quote: quoteName,
  update: (table, staged, matches, columns) => {
    const assignments = columns.map((column) => `t.${column} = s.${column}`).join(", ");
    return `UPDATE ${table} AS t JOIN ${staged} AS s ON ${matches} SET ${assignments}`;
  },
  // The server does not know yet how many rows a table has that was just filled, and may read the whole of it for each staged row.
  dropMatching: (table, staged, matches) => `DELETE s FROM ${staged} AS s JOIN ${table} AS t ON ${matches}`,
  differs: (one, other) => `NOT (${one} <=> ${other})`,
  toText: toMysqlText,
  constant: (text, type) => fromMysqlText(quoteText(text), type),
};

/** Within a transaction. Columns that the rows lack keep their values. @returns how many rows were touched */
export async function changeTexts(
  session: MysqlSession,
  table: string,
  columns: readonly Column[],
  input: TargetInput,
): Promise<number> {
  const { mode, key } = input;
  const index = needsKey(mode) ? [defineIndex(findKey(columns, key))] : [];
  const parts = [...columns.map(defineColumn), ...index];
  await session.execute(
    `CREATE TEMPORARY TABLE ${quoteName(typed)} (${parts.join(", ")}) ENGINE = InnoDB ${tableOptions(session.isMariaDb)}`,
  );
  await insertTexts(session, typed, columns);
  const rows: RowSession = {
    count: async (sql) => Number((await session.query(sql))[0]?.[0]),
    change: async (sql) => (await session.execute(sql)).rows,
  };
  const own = quoteName(table);
  return await changeRows(rows, { dialect, table: own, own, staged: quoteName(typed), columns }, input);
}

/** The columns of a key. */
export function findKey(columns: readonly Column[], key: readonly string[]): readonly Column[] {
  return key.flatMap((name) => columns.filter((column) => column.name.toLowerCase() === name.toLowerCase()));
}

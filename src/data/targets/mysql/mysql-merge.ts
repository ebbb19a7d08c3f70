// Merges the rows of the table of texts into a table: rows whose key is there are updated, the others are inserted.
import type { Column } from "../../../compute/engine.ts";
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { listNames, quoteName } from "../../mysql/mysql-text.ts";
import { insertTexts } from "./mysql-staging.ts";
import { defineColumn, defineIndex, tableOptions } from "./mysql-types.ts";

const typed = "_millrace_typed";

/** Within a transaction. Columns that the rows lack keep their values. */
export async function mergeTexts(
  session: MysqlSession,
  table: string,
  columns: readonly Column[],
  key: readonly string[],
): Promise<void> {
  const parts = [...columns.map(defineColumn), defineIndex(findKey(columns, key))];
  await session.execute(
    `CREATE TEMPORARY TABLE ${quoteName(typed)} (${parts.join(", ")}) ENGINE = InnoDB ${tableOptions(session.isMariaDb)}`,
  );
  await insertTexts(session, typed, columns);
  for (const statement of mergeStatements(table, columns, key)) await session.execute(statement);
}

/** What is left of the rows when those were taken away whose key was there is inserted. */
function mergeStatements(table: string, columns: readonly Column[], key: readonly string[]): string[] {
  const [into, from] = [quoteName(table), quoteName(typed)];
  const keys = findKey(columns, key);
  const matches = keys.map(({ name }) => `t.${quoteName(name)} = s.${quoteName(name)}`).join(" AND ");
  const values = columns.filter((column) => !keys.includes(column)).map(({ name }) => quoteName(name));
  const assignments = values.map((name) => `t.${name} = s.${name}`).join(", ");
  const names = listNames(columns);
  return [
    ...(values.length === 0 ? [] : [`UPDATE ${into} AS t JOIN ${from} AS s ON ${matches} SET ${assignments}`]),
    `DELETE s FROM ${from} AS s JOIN ${into} AS t ON ${matches}`,
    `INSERT INTO ${into} (${names}) SELECT ${names} FROM ${from}`,
  ];
}

/** The columns of a key. */
export function findKey(columns: readonly Column[], key: readonly string[]): readonly Column[] {
  return key.flatMap((name) => columns.filter((column) => column.name.toLowerCase() === name.toLowerCase()));
}

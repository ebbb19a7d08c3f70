// Puts staged rows into a table. Rows that go into a table which is there, or in the place of its rows, do so in one transaction, so that
// grants, indexes and triggers stay; a table with other columns is filled beside the first one and takes its place by a rename.
import type { Column } from "../../../compute/engine.ts";
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { quoteName } from "../../mysql/mysql-text.ts";
import { changesRows, needsKey } from "../../modes/row-rule.ts";
import type { TargetInput } from "../../target.ts";
import { remember, rememberAhead } from "./mysql-memory.ts";
import { changeTexts, findKey } from "./mysql-changes.ts";
import { assertNobodyRefers, dropTables, findColumns, newTableOf, oldTableOf } from "./mysql-place.ts";
import { insertTexts, type TextFile } from "./mysql-staging.ts";
import { defineColumn, defineIndex, tableOptions } from "./mysql-types.ts";

/** @returns whether there was anything to do @param file rows that were loaded into the table of texts */
export async function writeRows(
  session: MysqlSession,
  table: string,
  file: TextFile,
  input: TargetInput,
): Promise<boolean> {
  const { rows, contract } = input;
  const have = await findColumns(session, table);
  const isOther = contract === "replace" && have !== undefined && !isSame(have, rows.columns);
  if (have !== undefined && !isOther) return await change(session, table, file, input);
  await swap(session, table, file, input, have !== undefined);
  return true;
}

async function change(session: MysqlSession, table: string, file: TextFile, input: TargetInput): Promise<boolean> {
  const { mode, added, writer } = input;
  // a statement that changes columns ends a transaction
  for (const column of added) {
    await session.execute(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${defineColumn(column)}`);
  }
  await session.execute("START TRANSACTION");
  if (changesRows(mode)) {
    const touched = await changeTexts(session, table, file.columns, input);
    if (touched === 0 && added.length === 0) {
      await session.execute("ROLLBACK");
      return false;
    }
  } else {
    if (mode === "replace") await session.execute(`DELETE FROM ${quoteName(table)}`);
    await insertTexts(session, table, file.columns);
  }
  await remember(session, writer);
  await becomeVisible(input);
  await session.execute("COMMIT");
  return true;
}

async function swap(
  session: MysqlSession,
  table: string,
  file: TextFile,
  input: TargetInput,
  isThere: boolean,
): Promise<void> {
  if (isThere) await assertNobodyRefers(session, table);
  const [fresh, old] = [newTableOf(table), oldTableOf(table)];
  await session.execute(createTable(fresh, input, session.isMariaDb));
  await insertTexts(session, fresh, file.columns);
  await rememberAhead(session, input.writer, table);
  await becomeVisible(input);
  const away = isThere ? `${quoteName(table)} TO ${quoteName(old)}, ` : "";
  await session.execute(`RENAME TABLE ${away}${quoteName(fresh)} TO ${quoteName(table)}`);
  await dropTables(session, old);
}

async function becomeVisible(input: TargetInput): Promise<void> {
  await input.failpoint("mysql:written");
  await input.assertHeld();
}

/** A table whose rows have a key is looked up by it. */
function createTable(table: string, { rows, key, mode }: TargetInput, isMariaDb: boolean): string {
  const keys = needsKey(mode) ? [defineIndex(findKey(rows.columns, key))] : [];
  const parts = [...rows.columns.map(defineColumn), ...keys];
  return `CREATE TABLE ${quoteName(table)} (${parts.join(", ")}) ENGINE = InnoDB ${tableOptions(isMariaDb)}`;
}

function isSame(have: readonly Column[], wanted: readonly Column[]): boolean {
  if (have.length !== wanted.length) return false;
  return have.every(({ name, type }, index) => name === wanted[index]?.name && type === wanted[index].type);
}

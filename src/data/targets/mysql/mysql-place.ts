// One table of a MySQL database that runs publish to, with the tables beside it that exist while its columns are replaced.
import { createHash } from "node:crypto";
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { MysqlColumn } from "../../mysql/mysql-column.ts";
import { findTable, isTable, qualify, readColumns } from "../../mysql/mysql-table.ts";
import { quoteName, quoteText } from "../../mysql/mysql-text.ts";

/** The table that takes the place of another one, before it does. */
export function newTableOf(table: string): string {
  return `_millrace_new_${hash(table)}`;
}

/** The table whose place was taken. */
export function oldTableOf(table: string): string {
  return `_millrace_old_${hash(table)}`;
}

function hash(table: string): string {
  return createHash("sha256").update(table).digest("hex").slice(0, 24);
}

/** One publication of a table at a time; it lasts until the session ends. @throws MillraceError `TARGET_CONFLICT` */
export async function lockPlace(session: MysqlSession, table: string): Promise<void> {
  const [[got] = []] = await session.query(
    `SELECT get_lock(concat(${quoteText(`${hash(table)}:`)}, left(sha1(database()), 24)), 30)`,
  );
  if (got === "1") return;
  throw new MillraceError("TARGET_CONFLICT", `another run publishes to table \`${table}\``, {
    hint: "the run is tried again later",
  });
}

/**
 * Columns that rows may have, so that none which the server computes is among them; `undefined` when there is no table.
 * @throws MillraceError `TARGET_UNREADABLE` for a view, and for a table without transactions
 */
export async function findColumns(session: MysqlSession, table: string): Promise<readonly MysqlColumn[] | undefined> {
  const facts = await findTable(session, { table });
  if (facts === undefined) return undefined;
  if (facts.isView || !facts.keepsSnapshots) {
    const what = facts.isView ? "a view" : "a table without transactions";
    throw new MillraceError("TARGET_UNREADABLE", `\`${table}\` is no InnoDB table, got: ${what}`, {
      hint: "name another table, or change it with `ALTER TABLE … ENGINE = InnoDB`",
    });
  }
  return await readColumns(session, { table }, {}, (extra) => !/generated/i.test(extra));
}

export async function isThere(session: MysqlSession, table: string): Promise<boolean> {
  return (await session.query(`SELECT 1 FROM information_schema.tables WHERE ${isTable({ table })}`)).length > 0;
}

export async function countRows(session: MysqlSession, table: string): Promise<number> {
  const [row] = await session.query(`SELECT count(*) FROM ${qualify({ table })}`);
  return Number(row?.[0]);
}

/** @throws MillraceError `TARGET_CONFLICT` for a table that keys of other tables refer to */
export async function assertNobodyRefers(session: MysqlSession, table: string): Promise<void> {
  const found = await session.query(
    `SELECT table_name FROM information_schema.key_column_usage
      WHERE referenced_table_schema = database() AND referenced_table_name = ${quoteText(table)} LIMIT 1`,
  );
  const [name] = found[0] ?? [];
  if (name === undefined) return;
  const message = `the columns of table \`${table}\` cannot be replaced, because a key of table \`${name}\` refers to it`;
  throw new MillraceError("TARGET_CONFLICT", message, { hint: "drop the foreign key, or keep the columns" });
}

export async function dropTables(session: MysqlSession, ...tables: readonly string[]): Promise<void> {
  await session.execute(`DROP TABLE IF EXISTS ${tables.map(quoteName).join(", ")}`);
}

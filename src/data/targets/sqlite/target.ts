// Publishes to a table of an SQLite database in one transaction; the file's own settings are left as they are.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type Column, quoteIdentifier, quoteLiteral, type Row } from "../../../compute/engine.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { makeFolder, toTargetError } from "../../files/file-system.ts";
import { isPublicationDone, type PublicationMemory } from "../../publication-order.ts";
import { changesRows, needsKey } from "../../modes/row-rule.ts";
import type { Target, TargetInput, TargetResult, Writer } from "../../target.ts";
import { sqliteColumns } from "./sqlite-columns.ts";
import { whenFree, withSqliteFile } from "./sqlite-file.ts";
import { holdInSqlite, listSqliteLimits, toSqliteValue } from "./sqlite-types.ts";
import {
  createPublicationTable,
  publicationTable,
  rememberStatements,
  selectMemory,
  toMemory,
} from "../publication-table.ts";
import { changeRows, type RowDialect, type RowSession, standardDialect } from "../row-changes.ts";
import { columnList, createTable } from "../table-sql.ts";

/** A table at an absolute path; database and table may not exist yet. Indexes and triggers of the table stay. */
export function createSqliteTarget(path: string, table: string): Target {
  return {
    format: "sqlite",
    path,
    currentColumns: async () => {
      if (!existsSync(path)) return undefined;
      return await withSqliteFile(path, reading, (database) => sqliteColumns(database, path, table));
    },
    hold: (columns) => columns.map(holdInSqlite),
    limits: listSqliteLimits,
    isCurrent: async (_session, version) => {
      const known = version.locations.some((at) => isSameTable(at, { format: "sqlite", path, table }));
      if (!known || !existsSync(path)) return false;
      return await withSqliteFile(path, reading, (database) => {
        if (sqliteColumns(database, path, table) === undefined) return false;
        const { last } = readMemory(database, { runKey: "", dataset: version.dataset });
        return last?.fingerprint === version.fingerprint && count(database, table) === version.rowCount;
      });
    },
    hasPublished: async (_session, writer) => {
      if (!existsSync(path)) return false;
      return await withSqliteFile(path, reading, (database) => readMemory(database, writer).hasOwn);
    },
    publish: async (input) => {
      await makeFolder(dirname(path)).catch((error: unknown) => {
        throw toTargetError(error, path);
      });
      const access = { readOnly: false, signal: input.signal };
      return await withSqliteFile(path, access, (database) => publish(database, path, table, input));
    },
  };
}

const reading = { readOnly: true };

async function publish(database: DatabaseSync, path: string, table: string, input: TargetInput): Promise<TargetResult> {
  const { mode, writer, signal, failpoint } = input;
  await whenFree(() => database.exec("BEGIN IMMEDIATE"), { signal });
  try {
    const isDone = isPublicationDone(mode, writer, readMemory(database, writer));
    const changed = isDone || (await write(database, path, table, input));
    const rowCount = count(database, table);
    await failpoint("sqlite:written");
    await whenFree(() => database.exec("COMMIT"), { signal }); // it waits for readers
    await failpoint("sqlite:committed");
    return { location: { format: "sqlite", path, table }, changed, rowCount, warnings: [] };
  } catch (error) {
    if (database.isTransaction) rollBack(database);
    throw error;
  }
}

/** The first error tells more than one of the rollback; when this fails, the next one to open the file rolls back. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // the journal stays beside the file, see above
  }
}

/** What the database remembers; nothing for one that nobody has published to. */
function readMemory(database: DatabaseSync, writer: Pick<Writer, "runKey" | "dataset">): PublicationMemory {
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(publicationTable);
  return known === undefined
    ? { hasOwn: false }
    : toMemory(database.prepare(selectMemory(publicationTable, writer)).get());
}

/** @returns whether there was anything to do */
async function write(database: DatabaseSync, path: string, table: string, input: TargetInput): Promise<boolean> {
  const { mode, rows, added, writer } = input;
  const name = quoteIdentifier(table);
  if (input.contract === "replace") dropOther(database, path, table, rows.columns);
  const isNew = sqliteColumns(database, path, table) === undefined;
  if (isNew) database.exec(createTable(name, rows.columns));
  else
    for (const column of added)
      database.exec(`ALTER TABLE ${name} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}`);
  if (changesRows(mode)) {
    const touched = await change(database, name, input);
    if (touched === 0 && !isNew && added.length === 0) return false;
  } else {
    if (mode === "replace") database.exec(`DELETE FROM ${name}`);
    await insert(database, name, input);
  }
  database.exec(createPublicationTable(publicationTable));
  for (const statement of rememberStatements(publicationTable, writer)) database.exec(statement);
  return true;
}

/** @returns how many rows were touched */
async function change(database: DatabaseSync, name: string, input: TargetInput): Promise<number> {
  const { mode, rows, key } = input;
  const staged = `temp.${stagingTable}`;
  database.exec(createTable(staged, rows.columns));
  await insert(database, staged, input);
  if (needsKey(mode)) {
    const parts = key.map(quoteIdentifier).join(", ");
    database.exec(`CREATE UNIQUE INDEX temp.${stagingTable}_key ON ${stagingTable} (${parts})`);
  }
  const session: RowSession = {
    count: async (sql) => Number(Object.values(database.prepare(sql).get() ?? {})[0]),
    change: async (sql) => Number(database.prepare(sql).run().changes),
  };
  return await changeRows(session, { dialect, table: name, own: name, staged, columns: rows.columns }, input);
}

const stagingTable = "_millrace_staged";

const dialect: RowDialect = {
  ...standardDialect,
  toText: toSqliteValue,
  constant: (text) => quoteLiteral(text),
};

/** Drops a table that has other columns, with its indexes and triggers; one that has these keeps them. */
function dropOther(database: DatabaseSync, path: string, table: string, wanted: readonly Column[]): void {
  const have = sqliteColumns(database, path, table);
  if (have === undefined || isSame(have, wanted)) return;
  database.exec(`DROP TABLE ${quoteIdentifier(table)}`);
}

function isSame(have: readonly Column[], wanted: readonly Column[]): boolean {
  if (have.length !== wanted.length) return false;
  return have.every(({ name, type }, index) => name === wanted[index]?.name && type === wanted[index].type);
}

/** Rows come in chunks, so that memory does not grow with their number. */
async function insert(
  database: DatabaseSync,
  table: string,
  { session, rows, signal, failpoint }: TargetInput,
): Promise<void> {
  const marks = rows.columns.map(() => "?").join(", ");
  const statement = database.prepare(`INSERT INTO ${table} (${columnList(rows.columns)}) VALUES (${marks})`);
  // Columns are called by their number on the way, because names such as `__proto__` are none for the keys of an object.
  const values = rows.columns.map((column, index) => `${toSqliteValue(column)} AS c${index}`);
  const keys = values.map((_value, index) => `c${index}`);
  for await (const chunk of session.stream(`SELECT ${values.join(", ")} FROM (${rows.sql})`, { signal })) {
    insertChunk(statement, keys, chunk);
    await failpoint("sqlite:inserting");
  }
}

function insertChunk(statement: StatementSync, keys: readonly string[], chunk: readonly Row[]): void {
  for (const row of chunk) {
    // the select gives nothing but the types that SQLite has
    statement.run(...keys.map((key) => row[key] as SQLInputValue));
  }
}

function count(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM ${quoteIdentifier(table)}`).get()?.["n"]);
}

// Publishes to a table of an SQLite database in one transaction; the file's own settings are left as they are.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { quoteIdentifier, type Row } from "../../compute/engine.ts";
import { makeFolder } from "../delta/delta-file-system.ts";
import type { Target, TargetInput, TargetResult } from "../target.ts";
import { openSqlite, sqliteColumns, toSqliteError } from "./sqlite-database.ts";
import { holdInSqlite, listSqliteLimits, toSqliteValue } from "./sqlite-types.ts";
import { columnList, createPublicationTable, createTable, mergeStatements, publicationTable } from "./table-sql.ts";

/** A table at an absolute path; database and table may not exist yet. Indexes and triggers of the table stay. */
export function createSqliteTarget(path: string, table: string): Target {
  return {
    format: "sqlite",
    path,
    currentColumns: async () => {
      if (!existsSync(path)) return undefined;
      using database = await openSqlite(path, { readOnly: true });
      return sqliteColumns(database, path, table);
    },
    hold: (columns) => columns.map(holdInSqlite),
    limits: listSqliteLimits,
    isCurrent: async (_session, version) => {
      const known = version.locations.some((at) => at.format === "sqlite" && at.path === path && at.table === table);
      if (!known || !existsSync(path)) return false;
      using database = await openSqlite(path, { readOnly: true });
      if (sqliteColumns(database, path, table) === undefined) return false;
      return (
        findLatest(database, version.dataset) === version.fingerprint && count(database, table) === version.rowCount
      );
    },
    publish: (input) => publish(path, table, input),
  };
}

async function publish(path: string, table: string, input: TargetInput): Promise<TargetResult> {
  await makeFolder(dirname(path));
  try {
    using database = await openSqlite(path, { readOnly: false });
    database.exec("BEGIN IMMEDIATE");
    try {
      if (!isPublished(database, input)) await write(database, path, table, input);
      const rowCount = count(database, table);
      await input.failpoint("sqlite:written");
      database.exec("COMMIT");
      await input.failpoint("sqlite:committed");
      return { location: { format: "sqlite", path, table }, changed: true, rowCount, warnings: [] };
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  } catch (error) {
    throw toSqliteError(error, path);
  }
}

/** A run appends once; a replace or merge of the rows that this run has published before has nothing to do. */
function isPublished(database: DatabaseSync, { mode, writer }: TargetInput): boolean {
  database.exec(createPublicationTable(publicationTable));
  const sql = `SELECT fingerprint FROM ${publicationTable} WHERE run_id = ? AND dataset = ?`;
  const known = database.prepare(sql).get(writer.runKey, writer.dataset);
  return mode === "append" ? known !== undefined : known?.["fingerprint"] === writer.fingerprint;
}

async function write(database: DatabaseSync, path: string, table: string, input: TargetInput): Promise<void> {
  const { mode, key, rows, added, writer } = input;
  const name = quoteIdentifier(table);
  if (sqliteColumns(database, path, table) === undefined) database.exec(createTable(name, rows.columns));
  else
    for (const column of added)
      database.exec(`ALTER TABLE ${name} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}`);
  if (mode === "merge") {
    const staged = quoteIdentifier("temp") + "." + quoteIdentifier("_millrace_staged");
    database.exec(createTable(staged, rows.columns));
    await insert(database, staged, input);
    database.exec(
      `CREATE UNIQUE INDEX temp._millrace_staged_key ON _millrace_staged (${key.map(quoteIdentifier).join(", ")})`,
    );
    for (const statement of mergeStatements(name, staged, rows.columns, key)) database.exec(statement);
  } else {
    if (mode === "replace") database.exec(`DELETE FROM ${name}`);
    await insert(database, name, input);
  }
  const { runKey, dataset, fingerprint } = writer;
  database.prepare(`DELETE FROM ${publicationTable} WHERE run_id = ? AND dataset = ?`).run(runKey, dataset);
  const remember = `INSERT INTO ${publicationTable} (run_id, dataset, fingerprint) VALUES (?, ?, ?)`;
  database.prepare(remember).run(runKey, dataset, fingerprint);
}

/** Rows come in chunks, so that memory does not grow with their number. */
async function insert(database: DatabaseSync, table: string, { session, rows, signal }: TargetInput): Promise<void> {
  const marks = rows.columns.map(() => "?").join(", ");
  const statement = database.prepare(`INSERT INTO ${table} (${columnList(rows.columns)}) VALUES (${marks})`);
  const values = rows.columns.map((column) => `${toSqliteValue(column)} AS ${quoteIdentifier(column.name)}`);
  const names = rows.columns.map(({ name }) => name);
  for await (const chunk of session.stream(`SELECT ${values.join(", ")} FROM (${rows.sql})`, { signal })) {
    insertChunk(statement, names, chunk);
  }
}

function insertChunk(statement: StatementSync, names: readonly string[], chunk: readonly Row[]): void {
  for (const row of chunk) {
    // the select gives nothing but the types that SQLite has
    statement.run(...names.map((name) => row[name] as SQLInputValue));
  }
}

function findLatest(database: DatabaseSync, dataset: string): string | undefined {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(publicationTable);
  if (table === undefined) return undefined;
  const sql = `SELECT fingerprint FROM ${publicationTable} WHERE dataset = ? ORDER BY rowid DESC LIMIT 1`;
  const latest = database.prepare(sql).get(dataset)?.["fingerprint"];
  return typeof latest === "string" ? latest : undefined;
}

function count(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM ${quoteIdentifier(table)}`).get()?.["n"]);
}

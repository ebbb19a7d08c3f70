// Publishes to a table of a DuckDB database file in one transaction of the engine's own session.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { DatasetVersion } from "../../core/dataset.ts";
import { makeFolder } from "../delta/delta-file-system.ts";
import type { Target, TargetInput, TargetResult, Writer } from "../target.ts";
import { type DuckDbDatabase, withDuckDbFile } from "./duckdb-file.ts";
import { holdInParquet } from "./parquet-types.ts";
import { columnList, createPublicationTable, createTable, mergeStatements, publicationTable } from "./table-sql.ts";

/** A table at an absolute path; database and table may not exist yet. */
export function createDuckDbTarget(path: string, table: string): Target {
  return {
    format: "duckdb",
    path,
    currentColumns: async (session) => {
      if (!existsSync(path)) return undefined;
      return await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(table));
    },
    hold: (columns) => columns.map(holdInParquet), // its rows come from staging
    isCurrent: async (session, version) => {
      const known = version.locations.some((at) => at.format === "duckdb" && at.path === path && at.table === table);
      if (!known || !existsSync(path)) return false;
      return await withDuckDbFile(session, path, { readOnly: true }, (file) => isLatest(file, table, version));
    },
    publish: async (input) => {
      await makeFolder(dirname(path));
      return await withDuckDbFile(input.session, path, { readOnly: false }, (file) =>
        publish(file, path, table, input),
      );
    },
  };
}

async function publish(file: DuckDbDatabase, path: string, table: string, input: TargetInput): Promise<TargetResult> {
  const { session, signal, failpoint } = input;
  await session.execute("BEGIN TRANSACTION");
  try {
    await session.execute(createPublicationTable(file.qualify(publicationTable)));
    const todo = (await isPublished(file, input)) ? [] : await statements(file, table, input);
    for (const statement of todo) await session.execute(statement, { signal });
    const rowCount = await count(session, file.qualify(table));
    await failpoint("duckdb:written");
    await session.execute("COMMIT");
    await failpoint("duckdb:committed");
    return { location: { format: "duckdb", path, table }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    await session.execute("ROLLBACK").catch(() => undefined); // a failed COMMIT has ended the transaction itself
    throw error;
  }
}

/** A run appends once; a replace or merge of the rows that this run has published before has nothing to do. */
async function isPublished(file: DuckDbDatabase, { session, mode, writer }: TargetInput): Promise<boolean> {
  const [known] = await session.query(
    `SELECT fingerprint FROM ${file.qualify(publicationTable)} WHERE ${isOfRun(writer)}`,
  );
  return mode === "append" ? known !== undefined : known?.["fingerprint"] === writer.fingerprint;
}

function isOfRun({ runKey, dataset }: Writer): string {
  return `run_id = ${quoteLiteral(runKey)} AND dataset = ${quoteLiteral(dataset)}`;
}

async function statements(file: DuckDbDatabase, table: string, input: TargetInput): Promise<string[]> {
  const { mode, key, rows, added, writer } = input;
  const name = file.qualify(table);
  const remember = rememberSql(file, writer);
  if (mode === "replace") return [`CREATE OR REPLACE TABLE ${name} AS ${rows.sql}`, ...remember];
  const exists = (await file.columns(table)) !== undefined;
  const shape = exists
    ? added.map((column: Column) => `ALTER TABLE ${name} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}`)
    : [createTable(name, rows.columns)];
  const list = columnList(rows.columns);
  const change =
    mode === "append"
      ? [`INSERT INTO ${name} (${list}) SELECT ${list} FROM (${rows.sql})`]
      : mergeStatements(name, `(${rows.sql})`, rows.columns, key);
  return [...shape, ...change, ...remember];
}

function rememberSql(file: DuckDbDatabase, writer: Writer): string[] {
  const table = file.qualify(publicationTable);
  const values = [writer.runKey, writer.dataset, writer.fingerprint].map(quoteLiteral).join(", ");
  return [
    `DELETE FROM ${table} WHERE ${isOfRun(writer)}`,
    `INSERT INTO ${table} (run_id, dataset, fingerprint) VALUES (${values})`,
  ];
}

async function isLatest(file: DuckDbDatabase, table: string, version: DatasetVersion): Promise<boolean> {
  const known = await file.columns(publicationTable);
  if (known === undefined || (await file.columns(table)) === undefined) return false;
  const [latest] = await file.session.query(
    `SELECT fingerprint FROM ${file.qualify(publicationTable)} WHERE dataset = ${quoteLiteral(version.dataset)} ORDER BY rowid DESC LIMIT 1`,
  );
  if (latest?.["fingerprint"] !== version.fingerprint) return false;
  return (await count(file.session, file.qualify(table))) === version.rowCount;
}

async function count(session: EngineSession, table: string): Promise<number> {
  const [row] = await session.query(`SELECT count(*) AS n FROM ${table}`);
  return Number(row?.["n"]);
}

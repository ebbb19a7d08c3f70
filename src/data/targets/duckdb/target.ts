// Publishes to a table of a DuckDB database file in one transaction of the engine's own session.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type Column, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { makeFolder, toTargetError } from "../../files/file-system.ts";
import { isPublicationDone, type PublicationMemory } from "../../publication-order.ts";
import type { Target, TargetInput, TargetResult, Writer } from "../../target.ts";
import { temporaryFile } from "../../files/temporary-file.ts";
import { type DuckDbDatabase, withDuckDbFile, withNewDuckDbFile } from "./duckdb-file.ts";
import {
  createPublicationTable,
  publicationTable,
  rememberStatements,
  selectMemory,
  toMemory,
} from "../publication-table.ts";
import { holdStaged, listStagedLimits } from "../staged-types.ts";
import type { TemporaryIntent } from "../temporary-leftovers.ts";
import { columnList, createTable, mergeStatements } from "../table-sql.ts";

/** A table at an absolute path; database and table may not exist yet. */
export function createDuckDbTarget(path: string, table: string): Target {
  return {
    format: "duckdb",
    path,
    currentColumns: async (session) => {
      if (!existsSync(path)) return undefined;
      return await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(table));
    },
    hold: (columns) => columns.map(holdStaged), // its rows come from staging
    limits: listStagedLimits,
    isCurrent: async (session, version) => {
      const known = version.locations.some((at) => isSameTable(at, { format: "duckdb", path, table }));
      if (!known || !existsSync(path)) return false;
      return await withDuckDbFile(session, path, { readOnly: true }, (file) => isLatest(file, table, version));
    },
    hasPublished: async (session, writer) => {
      if (!existsSync(path)) return false;
      const memory = await withDuckDbFile(session, path, { readOnly: true }, (file) => readMemory(file, writer));
      return memory.hasOwn;
    },
    publish: (input) => publishToFile(path, table, input),
  };
}

async function publishToFile(path: string, table: string, input: TargetInput): Promise<TargetResult> {
  const work = (file: DuckDbDatabase): Promise<TargetResult> => publish(file, path, table, input);
  try {
    await makeFolder(dirname(path));
    if (existsSync(path)) return await withDuckDbFile(input.session, path, { readOnly: false }, work);
    // A full disk leaves a file that is half made and that the engine cannot open again, so a new one is made elsewhere.
    const temporary = temporaryFile(path, input.writer.runKey);
    const intent: TemporaryIntent = { format: "duckdb", path, temporary };
    await input.intend(intent);
    const result = await withNewDuckDbFile(input.session, { path, temporary }, work);
    await input.failpoint("duckdb:placed");
    return result;
  } catch (error) {
    throw toTargetError(error, path);
  }
}

async function publish(file: DuckDbDatabase, path: string, table: string, input: TargetInput): Promise<TargetResult> {
  const { session, signal, failpoint } = input;
  await session.execute("BEGIN TRANSACTION");
  try {
    const isDone = isPublicationDone(input.mode, input.writer, await readMemory(file, input.writer));
    const todo = isDone ? [] : await statements(file, table, input);
    await failpoint("duckdb:writing");
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

/** What the database remembers; nothing for one that nobody has published to. */
async function readMemory(
  file: DuckDbDatabase,
  writer: Pick<Writer, "runKey" | "dataset">,
): Promise<PublicationMemory> {
  if ((await file.columns(publicationTable)) === undefined) return { hasOwn: false };
  const [row] = await file.session.query(selectMemory(file.qualify(publicationTable), writer));
  return toMemory(row);
}

async function statements(file: DuckDbDatabase, table: string, input: TargetInput): Promise<string[]> {
  const { mode, key, rows, added, writer } = input;
  const name = file.qualify(table);
  const memory = file.qualify(publicationTable);
  const remember = [createPublicationTable(memory), ...rememberStatements(memory, writer)];
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

async function isLatest(file: DuckDbDatabase, table: string, version: DatasetVersion): Promise<boolean> {
  if ((await file.columns(table)) === undefined) return false;
  const { last } = await readMemory(file, { runKey: "", dataset: version.dataset });
  if (last?.fingerprint !== version.fingerprint) return false;
  return (await count(file.session, file.qualify(table))) === version.rowCount;
}

async function count(session: EngineSession, table: string): Promise<number> {
  const [row] = await session.query(`SELECT count(*) AS n FROM ${table}`);
  return Number(row?.["n"]);
}

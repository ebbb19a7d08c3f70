// Publishes to a table of a DuckDB database file in one transaction of the engine's own session.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { makeFolder, toTargetError } from "../../files/file-system.ts";
import { isPublicationDone, type PublicationMemory } from "../../publication-order.ts";
import { changesRows } from "../../modes/row-rule.ts";
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
import { changeRows, type RowDialect, standardDialect } from "../row-changes.ts";
import { columnList, createTable } from "../table-sql.ts";

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
  const { session, failpoint } = input;
  await session.execute("BEGIN TRANSACTION");
  try {
    const isDone = isPublicationDone(input.mode, input.writer, await readMemory(file, input.writer));
    await failpoint("duckdb:writing");
    const changed = isDone || (await write(file, table, input));
    const rowCount = await count(session, file.qualify(table));
    await failpoint("duckdb:written");
    await session.execute("COMMIT");
    await failpoint("duckdb:committed");
    return { location: { format: "duckdb", path, table }, changed, rowCount, warnings: [] };
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

/** @returns whether there was anything to do */
async function write(file: DuckDbDatabase, table: string, input: TargetInput): Promise<boolean> {
  const { mode, rows, writer, session, signal } = input;
  const name = file.qualify(table);
  const memory = file.qualify(publicationTable);
  if (mode === "replace") {
    await session.execute(`CREATE OR REPLACE TABLE ${name} AS ${rows.sql}`, { signal });
  } else {
    const isReshaped = await prepareTable(file, table, input);
    const touched = await addRows(file, table, input);
    if (changesRows(mode) && touched === 0 && !isReshaped) return false;
  }
  for (const statement of [createPublicationTable(memory), ...rememberStatements(memory, writer)]) {
    await session.execute(statement);
  }
  return true;
}

/** @returns whether the table is new, or has got columns */
async function prepareTable(file: DuckDbDatabase, table: string, { rows, added }: TargetInput): Promise<boolean> {
  const name = file.qualify(table);
  const isThere = (await file.columns(table)) !== undefined;
  const statements = isThere
    ? added.map((column: Column) => `ALTER TABLE ${name} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}`)
    : [createTable(name, rows.columns)];
  for (const statement of statements) await file.session.execute(statement);
  return statements.length > 0;
}

/** @returns how many rows were touched */
async function addRows(file: DuckDbDatabase, table: string, input: TargetInput): Promise<number> {
  const { mode, rows, session, signal } = input;
  const name = file.qualify(table);
  const ask = async (sql: string): Promise<number> =>
    Number(Object.values((await session.query(sql, { signal }))[0] ?? {})[0]);
  if (mode === "append") {
    const list = columnList(rows.columns);
    return await ask(`INSERT INTO ${name} (${list}) SELECT ${list} FROM (${rows.sql})`);
  }
  const places = { dialect, table: name, own: quoteIdentifier(table), staged: `(${rows.sql})`, columns: rows.columns };
  return await changeRows({ count: ask, change: ask }, places, input);
}

const dialect: RowDialect = {
  ...standardDialect,
  toText: ({ name }) => `CAST(${quoteIdentifier(name)} AS VARCHAR)`,
  constant: (text, type) => `CAST(${quoteLiteral(text)} AS ${type})`,
};

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

// Removes the tables of a dataset that is reset. Only what Millrace made there goes: a folder that is no table stays.
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Engine, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { deleteDeltaTable } from "../delta/write/delta-deletion.ts";
import { toTargetError } from "../files/file-system.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import { withDuckDbFile } from "../targets/duckdb-file.ts";
import { isPartOfRun } from "../targets/parquet-target.ts";
import { publicationTable } from "../targets/publication-table.ts";
import { sqliteColumns } from "../targets/sqlite-database.ts";
import { whenFree, withSqliteFile } from "../targets/sqlite-file.ts";

export interface DeleteTablesInput {
  readonly engine: Engine;
  /** Folder of the project, which no table may hold. */
  readonly root: string;
  readonly datasets: readonly string[];
  readonly tables: readonly DatasetLocation[];
}

/** Doing it again is harmless. @throws MillraceError `TARGET_CONFLICT` for a database that somebody else has open, `VALUE_INVALID` */
export async function deleteTables({ engine, root, datasets, tables }: DeleteTablesInput): Promise<void> {
  for (const location of tables) {
    const { format, path } = location;
    assertOutside(root, path);
    try {
      if (format === "delta") await deleteDelta(engine, path);
      else if (format === "parquet") await deleteParquet(path);
      else if (format === "sqlite") await dropInSqlite(path, location.table, datasets);
      else await dropInDuckDb(engine, path, location.table, datasets);
    } catch (error) {
      throw toTargetError(error, path);
    }
  }
}

function assertOutside(root: string, path: string): void {
  const inside = relative(path, root);
  if (inside.startsWith("..")) return;
  throw new MillraceError("VALUE_INVALID", `the project lies in the table, which is not deleted: \`${path}\``, {
    hint: "delete its files yourself",
  });
}

async function deleteDelta(engine: Engine, path: string): Promise<void> {
  await using session = await engine.open();
  await deleteDeltaTable(session, path);
}

async function deleteParquet(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) return await rm(path);
  for (const name of await readdir(path)) {
    if (isPartOfRun(name)) await rm(join(path, name));
  }
  await removeIfEmpty(path);
}

async function dropInSqlite(path: string, table: string, datasets: readonly string[]): Promise<void> {
  if (!existsSync(path)) return;
  const access = { readOnly: false };
  await withSqliteFile(path, access, async (database) => {
    await whenFree(() => database.exec("BEGIN IMMEDIATE"), {});
    database.exec(`DROP TABLE IF EXISTS ${quoteIdentifier(table)}`);
    if (sqliteColumns(database, path, publicationTable) !== undefined) {
      const forget = database.prepare(`DELETE FROM ${publicationTable} WHERE dataset = ?`);
      for (const dataset of datasets) forget.run(dataset);
    }
    database.exec("COMMIT");
  });
}

async function dropInDuckDb(engine: Engine, path: string, table: string, datasets: readonly string[]): Promise<void> {
  if (!existsSync(path)) return;
  await using session = await engine.open();
  await withDuckDbFile(session, path, { readOnly: false }, async (file) => {
    await session.execute(`DROP TABLE IF EXISTS ${file.qualify(table)}`);
    if ((await file.columns(publicationTable)) === undefined) return;
    const names = datasets.map(quoteLiteral).join(", ");
    await session.execute(`DELETE FROM ${file.qualify(publicationTable)} WHERE dataset IN (${names})`);
  });
}

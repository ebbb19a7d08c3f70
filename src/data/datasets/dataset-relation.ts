// A published version as a relation of a session, whatever holds it.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type EngineSession, quoteLiteral } from "../../compute/engine.ts";
import type { DatasetLocation, DatasetVersion } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { makeFolder } from "../files/file-system.ts";
import { openDeltaScan } from "../delta/delta-table.ts";
import { withDuckDbFile } from "../targets/duckdb-file.ts";
import { listParquetFiles, parquetRelation } from "../targets/parquet-target.ts";
import { spoolSqliteTable } from "../targets/sqlite-database.ts";

export interface OpenDatasetOptions {
  /** Folder for copies of tables of databases; the caller deletes it. */
  readonly spool: string;
  /** Hears of damage that was got round. */
  warn(message: string): void;
}

/**
 * Makes the rows of a version the relation `view` of the session, read from its first location. A Delta table is read as of
 * that version, and of its files those that a query needs; the others are read as they are now. Tables of databases are
 * copied first, so that no lock is held while the query runs.
 * @throws MillraceError `SOURCE_MISSING` when somebody has removed it, `SOURCE_UNREADABLE`, `DELTA_CORRUPT`, `TARGET_CONFLICT`;
 * what is wrong with a Delta table's files is thrown by the query that needs them
 */
export async function defineVersion(
  session: EngineSession,
  view: string,
  version: DatasetVersion,
  options: OpenDatasetOptions,
): Promise<void> {
  const [location] = version.locations;
  if (location === undefined) throw new MillraceError("INTERNAL", `dataset \`${version.dataset}\` has no location`);
  const naming = <T>(work: () => Promise<T>): Promise<T> => nameDataset(version, work);
  if (location.format !== "delta") {
    await session.defineView(view, await naming(() => relationOf(session, location, options.spool)));
    return;
  }
  const { path } = location;
  const scan = await naming(() =>
    openDeltaScan(path, { session, version: location.version, warn: (message) => options.warn(message) }),
  );
  await session.defineScan(view, { columns: scan.columns, select: (filter) => naming(() => scan.select(filter)) });
}

async function nameDataset<T>(version: DatasetVersion, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_MISSING") throw cause;
    throw new MillraceError("SOURCE_MISSING", `reading dataset \`${version.dataset}\`: ${cause.message}`, {
      cause,
      hint: `run job \`${version.job}\` again to publish it`,
    });
  }
}

async function relationOf(
  session: EngineSession,
  location: Exclude<DatasetLocation, { readonly format: "delta" }>,
  spool: string,
): Promise<string> {
  const { format, path } = location;
  switch (format) {
    case "parquet": {
      const files = await listParquetFiles(path);
      if (files.length > 0) return parquetRelation(files);
      throw new MillraceError("SOURCE_MISSING", `there is no Parquet file at \`${path}\``);
    }
    case "sqlite":
      await makeFolder(spool);
      return await spoolSqliteTable(path, location.table, join(spool, `${randomUUID()}.ndjson`));
    case "duckdb":
      await makeFolder(spool);
      return await spoolDuckDbTable(session, path, location.table, join(spool, `${randomUUID()}.parquet`));
  }
}

async function spoolDuckDbTable(session: EngineSession, path: string, table: string, file: string): Promise<string> {
  await withDuckDbFile(session, path, { readOnly: true }, async (database) => {
    if ((await database.columns(table)) === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${table}\` in \`${path}\``);
    }
    await session.writeParquet(`SELECT * FROM ${database.qualify(table)}`, { path: file });
  });
  return `SELECT * FROM read_parquet(${quoteLiteral(file)})`;
}

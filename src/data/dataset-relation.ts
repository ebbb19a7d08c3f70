// A published version as SQL, whatever holds it.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type EngineSession, quoteLiteral } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { makeFolder } from "./delta/delta-file-system.ts";
import { deltaRelation, openDeltaSnapshot } from "./delta/delta-table.ts";
import { withDuckDbFile } from "./targets/duckdb-file.ts";
import { listParquetFiles, parquetRelation } from "./targets/parquet-target.ts";
import { spoolSqliteTable } from "./targets/sqlite-database.ts";

/**
 * One `select` over the rows of a version, read from its first location. A Delta table is read as of that version;
 * the others as they are now. Tables of databases are copied to `spool` first, so that no lock is held while the query runs.
 * @param spool folder for such copies; the caller deletes it
 * @throws MillraceError `SOURCE_MISSING` when somebody has removed it, `SOURCE_UNREADABLE`, `DELTA_CORRUPT`, `TARGET_CONFLICT`
 */
export async function datasetRelation(session: EngineSession, version: DatasetVersion, spool: string): Promise<string> {
  const [location] = version.locations;
  if (location === undefined) throw new MillraceError("INTERNAL", `dataset \`${version.dataset}\` has no location`);
  try {
    return await relationOf(session, location, spool);
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SOURCE_MISSING") throw cause;
    throw new MillraceError("SOURCE_MISSING", `reading dataset \`${version.dataset}\`: ${cause.message}`, {
      cause,
      hint: `run job \`${version.job}\` again to publish it`,
    });
  }
}

async function relationOf(session: EngineSession, location: DatasetLocation, spool: string): Promise<string> {
  const { format, path } = location;
  switch (format) {
    case "delta":
      return deltaRelation(await openDeltaSnapshot(path, { session, version: location.version }));
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

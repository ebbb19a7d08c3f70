// Looks whether the tables of datasets can be read as they are, without changing them. What is damaged is named before a job trips over it.
import { existsSync } from "node:fs";
import type { EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { openDeltaSnapshot } from "./delta/delta-table.ts";
import { withDuckDbFile } from "./targets/duckdb-file.ts";
import { listParquetFiles, parquetRelation } from "./targets/parquet-target.ts";
import { hasInterruptedTransaction } from "./targets/sqlite-file.ts";

/**
 * One line for each location that cannot be read or holds an interrupted transaction. A table that somebody has removed
 * or that another process has open is not damaged.
 */
export async function findDamage(session: EngineSession, datasets: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  for (const { dataset, locations } of datasets) {
    for (const location of locations) {
      const damage = await lookAt(session, location);
      if (damage !== undefined) found.push(`dataset \`${dataset}\`: ${damage}`);
    }
  }
  return found;
}

async function lookAt(session: EngineSession, location: DatasetLocation): Promise<string | undefined> {
  try {
    return existsSync(location.path) ? await read(session, location) : undefined;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.code === "TARGET_CONFLICT" || error.code === "SOURCE_MISSING" ? undefined : error.message;
  }
}

async function read(session: EngineSession, location: DatasetLocation): Promise<string | undefined> {
  const { format, path } = location;
  switch (format) {
    case "delta":
      await openDeltaSnapshot(path, { session, version: location.version });
      return undefined;
    case "parquet":
      await describeFiles(session, path);
      return undefined;
    case "sqlite":
      if (!(await hasInterruptedTransaction(path))) return undefined;
      return `a transaction on \`${path}\` was interrupted; the next run that reads or writes the dataset rolls it back`;
    case "duckdb":
      await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(location.table));
      return undefined;
  }
}

async function describeFiles(session: EngineSession, path: string): Promise<void> {
  const files = await listParquetFiles(path);
  if (files.length > 0) await session.describe(parquetRelation(files));
}

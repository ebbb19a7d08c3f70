// Looks whether what runs have published is still there and can be read as it is, without changing anything. What is damaged is
// named before a job trips over it.
import { existsSync } from "node:fs";
import type { EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { findDeltaSnapshot, openDeltaScan } from "./delta/delta-table.ts";
import { withDuckDbFile } from "./targets/duckdb-file.ts";
import { listParquetFiles, parquetRelation } from "./targets/parquet-target.ts";
import { hasInterruptedTransaction } from "./targets/sqlite-file.ts";

/**
 * One line for each thing that is wrong with the tables of these versions: a Delta table that lost commits or files, a file that
 * cannot be read, an interrupted transaction. A file or database that somebody has removed, or that another process has
 * open, is not damaged.
 */
export async function findDamage(session: EngineSession, datasets: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  for (const { dataset, locations } of datasets) {
    for (const location of locations) {
      const damage = await lookAt(session, location);
      found.push(...damage.map((message) => `dataset \`${dataset}\`: ${message}`));
    }
  }
  return found;
}

async function lookAt(session: EngineSession, location: DatasetLocation): Promise<readonly string[]> {
  try {
    if (location.format === "delta") return await lookAtDelta(session, location.path, location.version);
    return existsSync(location.path) ? await lookAtFile(session, location) : [];
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return passing.has(error.code) ? [] : [error.message];
  }
}

/** Another process has it open, or took it away while it was looked at. */
const passing: ReadonlySet<string> = new Set(["TARGET_CONFLICT"]);

/** Reads the log and looks for the files; opens none. */
async function lookAtDelta(session: EngineSession, path: string, version: number): Promise<readonly string[]> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const latest = (await findDeltaSnapshot(path, { session, warn }))?.version;
  if (latest === undefined) return [`there is no Delta table at \`${path}\``];
  if (latest < version) return [`the table \`${path}\` is at version ${latest}, although ${version} was published`];
  await (await openDeltaScan(path, { session, version })).select(undefined);
  return warnings;
}

async function lookAtFile(
  session: EngineSession,
  location: Exclude<DatasetLocation, { readonly format: "delta" }>,
): Promise<readonly string[]> {
  const { format, path } = location;
  switch (format) {
    case "parquet":
      await describeFiles(session, path);
      return [];
    case "sqlite":
      if (!(await hasInterruptedTransaction(path))) return [];
      return [
        `a transaction on \`${path}\` was interrupted; the next run that reads or writes the dataset rolls it back`,
      ];
    case "duckdb":
      await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(location.table));
      return [];
  }
}

async function describeFiles(session: EngineSession, path: string): Promise<void> {
  const files = await listParquetFiles(path);
  if (files.length > 0) await session.describe(parquetRelation(files));
}

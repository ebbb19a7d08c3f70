// Looks whether a database or Parquet file that a dataset lies in can be read as it is, without changing it.
import { existsSync } from "node:fs";
import type { EngineSession } from "../../compute/engine.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { withDuckDbFile } from "./duckdb-file.ts";
import { listParquetFiles, parquetRelation } from "./parquet-target.ts";
import { hasInterruptedTransaction } from "./sqlite-file.ts";

/** Places that are no Delta table, which have a look of their own. */
export type FileLocation = Exclude<DatasetLocation, { readonly format: "delta" }>;

/** What is wrong with a place; a table that somebody has removed or that another process has open is not damaged. */
export async function findFileDamage(session: EngineSession, location: FileLocation): Promise<string | undefined> {
  try {
    return existsSync(location.path) ? await lookAt(session, location) : undefined;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.code === "TARGET_CONFLICT" || error.code === "SOURCE_MISSING" ? undefined : error.message;
  }
}

async function lookAt(session: EngineSession, location: FileLocation): Promise<string | undefined> {
  const { format, path } = location;
  switch (format) {
    case "parquet": {
      const files = await listParquetFiles(path);
      if (files.length > 0) await session.describe(parquetRelation(files));
      return undefined;
    }
    case "sqlite":
      if (!(await hasInterruptedTransaction(path))) return undefined;
      return `a transaction on \`${path}\` was interrupted; the next run that reads or writes the dataset rolls it back`;
    case "duckdb":
      await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(location.table));
      return undefined;
  }
}

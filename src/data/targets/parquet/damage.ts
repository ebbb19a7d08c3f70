// Looks whether published Parquet files can be read.
import type { EngineSession } from "../../../compute/engine.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { findFileDamage } from "../file-damage.ts";
import { listDataFiles } from "../run-files.ts";
import { parquetFiles, parquetRelation } from "./relation.ts";

/** Reads the footers of the files. */
export async function findParquetDamage(session: EngineSession, { path }: DatasetLocation): Promise<readonly string[]> {
  return await findFileDamage(path, async () => {
    const files = await listDataFiles(path, parquetFiles);
    if (files.length > 0) await session.describe(parquetRelation(files));
    return [];
  });
}

// Deletes the Parquet files of a dataset that is reset, and of a folder only those that runs have added.
import type { Engine } from "../../../compute/engine.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { deleteFilesOfRuns } from "../run-files.ts";
import { parquetFiles } from "./relation.ts";

/** The file itself, or the files of runs in the folder, and the folder if it is empty then. */
export async function deleteParquet(_engine: Engine, { path }: DatasetLocation): Promise<void> {
  await deleteFilesOfRuns(path, parquetFiles);
}

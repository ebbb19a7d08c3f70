// Deletes the Parquet files of a dataset that is reset, and of a folder only those that runs have added.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../../compute/engine.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { removeIfEmpty } from "../../files/staging-folders.ts";
import { isPartOfRun } from "./target.ts";

/** The file itself, or the files of runs in the folder, and the folder if it is empty then. */
export async function deleteParquet(_engine: Engine, { path }: DatasetLocation): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) return await rm(path);
  for (const name of await readdir(path)) {
    if (isPartOfRun(name)) await rm(join(path, name));
  }
  await removeIfEmpty(path);
}

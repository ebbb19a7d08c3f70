// Deletes the CSV files of a dataset that is reset, and of a folder only those that runs have added.
import type { Engine } from "../../../compute/engine.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { deleteText } from "../text-target.ts";
import { csvText } from "./text.ts";

/** The file itself, or the files of runs in the folder, and the folder if it is empty then. */
export async function deleteCsv(_engine: Engine, location: DatasetLocation): Promise<void> {
  await deleteText(csvText, location);
}

// Looks whether published CSV files are as they were written.
import type { EngineSession } from "../../../compute/engine.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { findTextDamage } from "../text-target.ts";
import { csvText } from "./text.ts";

/** Compares the sizes of the files. */
export async function findCsvDamage(_session: EngineSession, location: DatasetLocation): Promise<readonly string[]> {
  return await findTextDamage(csvText, location);
}

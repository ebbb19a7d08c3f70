// How others read CSV files that were published: as they are now.
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import type { TableRows } from "../../table-rows.ts";
import { readText } from "../text-relation.ts";
import { csvText } from "./text.ts";

/** The rows of the files that are there now. */
export async function readCsv(location: DatasetLocation): Promise<TableRows> {
  return await readText(csvText, location);
}

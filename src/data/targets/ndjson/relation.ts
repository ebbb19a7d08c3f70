// How others read NDJSON files that were published: as they are now.
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import type { TableRows } from "../../table-rows.ts";
import { readText } from "../text-relation.ts";
import { ndjsonText } from "./text.ts";

/** The rows of the files that are there now. */
export async function readNdjson(location: DatasetLocation): Promise<TableRows> {
  return await readText(ndjsonText, location);
}

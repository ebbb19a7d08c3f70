// How others read Parquet files that were published: as they are now.
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import type { TableRows } from "../../table-rows.ts";
import { type FileKind, listDataFiles } from "../run-files.ts";

export const parquetFiles: FileKind = { format: "parquet", extension: "parquet" };

/** The rows of the files that are there now. */
export async function readParquet({ path }: DatasetLocation): Promise<TableRows> {
  const files = await listDataFiles(path, parquetFiles);
  if (files.length > 0) return { sql: parquetRelation(files) };
  throw new MillraceError("SOURCE_MISSING", `there is no Parquet file at \`${path}\``);
}

/** SQL over the files of a location. */
export function parquetRelation(files: readonly string[]): string {
  return `SELECT * FROM read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
}

// How others read Parquet files that were published: as they are now.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import type { TableRows } from "../../table-rows.ts";

/** The rows of the files that are there now. */
export async function readParquet({ path }: DatasetLocation): Promise<TableRows> {
  const files = await listParquetFiles(path);
  if (files.length > 0) return { sql: parquetRelation(files) };
  throw new MillraceError("SOURCE_MISSING", `there is no Parquet file at \`${path}\``);
}

/** The data files of a location: the file itself, or those of the folder. Hidden ones are somebody's work in progress. */
export async function listParquetFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith(".parquet") && !name.startsWith("."))
    .toSorted()
    .map((name) => join(path, name));
}

/** SQL over the files of a location. */
export function parquetRelation(files: readonly string[]): string {
  return `SELECT * FROM read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
}

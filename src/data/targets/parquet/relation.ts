// Reads Parquet files that were published, as they are now.
import { fileList } from "../../files/file-list.ts";

/** SQL over the files of a location. */
export function parquetRelation(files: readonly string[]): string {
  return `SELECT * FROM read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
}

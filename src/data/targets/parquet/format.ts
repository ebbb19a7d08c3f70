// Parquet files, for readers that know nothing of tables. They have no memory and no versions.
import type { TargetFormat } from "../../target.ts";
import { createFileFormat } from "../create-file-format.ts";
import { type ParquetOptions, parquetSpec } from "./options.ts";
import { parquetTable } from "./target.ts";

export const parquet: TargetFormat<ParquetOptions> = createFileFormat(parquetTable, {
  summary: "Parquet files",
  options: parquetSpec,
});

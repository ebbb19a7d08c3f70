// CSV files. They have no memory and no versions, and their types are in a file beside each of them.
import type { TargetFormat } from "../../target.ts";
import { createFileFormat } from "../create-file-format.ts";
import { type CsvTargetOptions, csvTargetSpec } from "./options.ts";
import { csvTable } from "./target.ts";

export const csv: TargetFormat<CsvTargetOptions> = createFileFormat(csvTable, {
  summary: "CSV files",
  options: csvTargetSpec,
});

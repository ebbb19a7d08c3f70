// CSV, read so that rows are those that were delivered.
import type { FileFormat } from "../file-format.ts";
import { assertCsvOptions, type CsvOptions, csvSpec } from "./options.ts";
import { csvRows } from "./relation.ts";

export const csv: FileFormat<CsvOptions, "csv"> = {
  name: "csv",
  summary: "how CSV is read",
  options: csvSpec,
  variants: ["csv"],
  extensions: { csv: "csv", tsv: "csv" },
  contentTypes: { csv: /^(?:text\/(?:csv|tab-separated-values|plain)|application\/(?:csv|vnd\.ms-excel))$/ },
  endsWithLine: true,
  archives: "checks",
  isText: true,
  assertOptions: assertCsvOptions,
  read: (session, files, { options = {}, table }) => csvRows(session, files, options, table),
};

// Spreadsheets: the cells of one sheet are rows.
import type { FileFormat } from "../file-format.ts";
import { type SpreadsheetOptions, spreadsheetSpec } from "./options.ts";

export const spreadsheet: FileFormat<SpreadsheetOptions, "xlsx" | "ods"> = {
  name: "spreadsheet",
  summary: "how spreadsheets are read",
  options: spreadsheetSpec,
  variants: ["xlsx", "ods"],
  extensions: { xlsx: "xlsx", xlsm: "xlsx", ods: "ods" },
  contentTypes: {
    xlsx: /^application\/vnd\.(?:openxmlformats-officedocument\.spreadsheetml\.sheet|ms-excel(?:\.sheet\.macroenabled\.12)?)$/,
    ods: /^application\/vnd\.oasis\.opendocument\.spreadsheet$/,
  },
  endsWithLine: false,
  archives: "none",
  isText: false,
  read: async (session, files, { variant, options = {}, ...reading }) =>
    await (await import("./relation.ts")).spreadsheetRows(files, variant, options, { session, ...reading }),
};

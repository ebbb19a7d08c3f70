// JSON: an array or objects one after the other (`json`), or one object a line (`ndjson`).
import type { FileFormat } from "../file-format.ts";
import { jsonRows } from "./relation.ts";
import { type JsonOptions, jsonSpec } from "./options.ts";

export const json: FileFormat<JsonOptions, "json" | "ndjson"> = {
  name: "json",
  summary: "how JSON and NDJSON are read",
  options: jsonSpec,
  variants: ["json", "ndjson"],
  extensions: { json: "json", ndjson: "ndjson", jsonl: "ndjson" },
  readsEveryByte: false,
  read: (session, files, { variant, options, table }) =>
    jsonRows(session, variant, files, { rows: options?.rows, table }),
};

// JSON: an array or objects one after the other (`json`), or one object a line (`ndjson`).
import type { FileFormat } from "../file-format.ts";
import { openJsonPages } from "./json-pages.ts";
import { jsonRows } from "./relation.ts";
import { type JsonOptions, jsonSpec } from "./options.ts";

export const json: FileFormat<JsonOptions, "json" | "ndjson"> = {
  name: "json",
  summary: "how JSON and NDJSON are read",
  options: jsonSpec,
  variants: ["json", "ndjson"],
  extensions: { json: "json", ndjson: "ndjson", jsonl: "ndjson" },
  contentTypes: {
    json: /^(?:application\/(?:[\w.-]+\+)?json|text\/json)$/,
    ndjson: /^application\/(?:x-)?(?:ndjson|jsonl|json-?lines|json-seq|json)$/,
  },
  endsWithLine: true,
  pages: { variants: ["json"], open: openJsonPages },
  archives: "unpacks",
  isText: true,
  read: (session, files, { variant, options, table }) =>
    jsonRows(session, variant, files, { rows: options?.rows, table }),
};

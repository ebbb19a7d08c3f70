// NDJSON files. They have no memory and no versions, and their types are in a file beside each of them.
import type { TargetFormat } from "../../target.ts";
import { createFileFormat } from "../create-file-format.ts";
import { type NdjsonTargetOptions, ndjsonTargetSpec } from "./options.ts";
import { ndjsonTable } from "./target.ts";

export const ndjson: TargetFormat<NdjsonTargetOptions> = createFileFormat(ndjsonTable, {
  summary: "NDJSON files",
  options: ndjsonTargetSpec,
});

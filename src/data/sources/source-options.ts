// The options of sources, looked at when the job is defined. What only the files or the engine can tell comes later.
import { z } from "zod";
import { fileFormats, type FileSource, type JsonOptions, type Source } from "../../core/dataset/source.ts";
import { datasetReference } from "../../core/dataset/dataset-handle.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { choice, integer, text, texts } from "../../core/spec/option-values.ts";
import { type OptionPath, parseOptions, refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { assertCsvOptions, csvSpec } from "./csv/csv-options.ts";

/** Exactly one of `file` and `dataset`, which `assertSource` looks at. */
export const sourceSpec: Spec<Source> = defineSpec<Source>()(() => ({
  file: optional(fileSpec.schema).describe("files of one format with the same kind of rows"),
  dataset: optional(datasetReference()).describe("a published dataset"),
  version: optional(integer(1), "the latest").describe(
    "of a dataset: an earlier version that its Delta table can still show, as `millrace show` tells it",
  ),
}));

export const fileSpec: Spec<FileSource> = defineSpec<FileSource>()(() => ({
  path: z
    .union([text("a path"), texts("paths")])
    .describe(
      "files or patterns (`*`, `**`, `?`, `[…]`); relative ones belong to the project and may not lead out of it, an absolute one names a place elsewhere on purpose",
    ),
  format: optional(choice(fileFormats), "by extension, before `.gz` or `.zst`").describe("the format of all files"),
  csv: optional(csvSpec.schema).describe("how CSV is read"),
  json: optional(jsonSpec.schema).describe("how JSON and NDJSON are read"),
}));

export const jsonSpec: Spec<JsonOptions> = defineSpec<JsonOptions>()(() => ({
  rows: optional(text(), "the document is the rows").describe(
    'the top-level field that holds the array of rows, for `{ "rows": [...] }`',
  ),
}));

/**
 * What no option can tell by itself.
 * @param path to the source, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertSource(where: string, path: OptionPath, source: Source): void {
  const { file, dataset, version } = source;
  if ((file === undefined) === (dataset === undefined)) {
    throw refusal(where, path, "either a `file` or a `dataset`", source);
  }
  if (file === undefined) return;
  if (version !== undefined) throw refusal(where, [...path, "version"], "left out beside `file`", version);
  assertCsvOptions(where, [...path, "file", "csv"], file.csv ?? {});
}

/** A source that a run gives. @throws MillraceError `JOB_INVALID` naming the option */
export function assertGivenSource(where: string, source: Source): void {
  parseOptions(sourceSpec, source, `the source of ${where}`);
  assertSource(`the source of ${where}`, [], source);
}

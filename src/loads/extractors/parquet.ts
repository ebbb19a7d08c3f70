// Rows of Parquet files.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { choosePath, type PathChoice, toFiles } from "../file-paths.ts";
import type { Described, ExtractorStrategy } from "../strategy.ts";

export interface ParquetExtraction extends PathChoice {
  readonly connection?: string;
}

const options: Spec<ParquetExtraction> = defineSpec<ParquetExtraction>()(() => ({
  source_table: optional(text("a path")).describe("a folder, a file or a pattern; or `path`"),
  path: optional(text("a path")).describe("the same under its own name"),
  connection: optional(text("the name of a connection"), "that of the path").describe(
    "where the files are, if not where the path says",
  ),
}));

export const parquet: Described<ExtractorStrategy<ParquetExtraction>, ParquetExtraction> = {
  name: "PARQUET",
  summary: "Parquet files",
  options,
  toSource({ connection, ...choice }, place) {
    const path = toFiles(choosePath(choice, place), "parquet");
    return { file: { path, format: "parquet", ...(connection === undefined ? {} : { connection }) } };
  },
};

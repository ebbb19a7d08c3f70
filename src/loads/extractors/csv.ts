// Rows of CSV files.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { choosePath, type PathChoice, toFiles } from "../file-paths.ts";
import type { Described, ExtractorStrategy } from "../strategy.ts";

export interface CsvExtraction extends PathChoice {
  readonly connection?: string;
  /** Options of how CSV is read. */
  readonly csv?: Readonly<Record<string, unknown>>;
}

const options: Spec<CsvExtraction> = defineSpec<CsvExtraction>()(() => ({
  source_table: optional(text("a path")).describe("a folder, a file or a pattern; or `path`"),
  path: optional(text("a path")).describe("the same under its own name"),
  connection: optional(text("the name of a connection"), "that of the path").describe(
    "where the files are, if not where the path says",
  ),
  csv: optional(expecting("an object", z.record(z.string(), z.unknown()))).describe(
    "how they are read, with the options of [CSV](csv.md)",
  ),
}));

export const csv: Described<ExtractorStrategy<CsvExtraction>, CsvExtraction> = {
  name: "CSV",
  summary: "CSV files, packed or not",
  options,
  toSource({ connection, csv: reading, ...choice }, place) {
    const path = toFiles(choosePath(choice, place), "csv*");
    return {
      file: {
        path,
        format: "csv",
        ...(connection === undefined ? {} : { connection }),
        ...(reading === undefined ? {} : { csv: reading }),
      },
    };
  },
};

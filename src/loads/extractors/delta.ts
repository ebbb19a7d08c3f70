// Rows of a Delta Lake table.
import { optional } from "../../core/spec/option-notes.ts";
import { integer, text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { choosePath, type PathChoice } from "../file-paths.ts";
import type { Described, ExtractorStrategy } from "../strategy.ts";

export interface DeltaExtraction extends PathChoice {
  readonly version?: number;
  readonly connection?: string;
}

const options: Spec<DeltaExtraction> = defineSpec<DeltaExtraction>()(() => ({
  source_table: optional(text("a path")).describe("folder of the table; or `path`"),
  path: optional(text("a path")).describe("the same under its own name"),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where the path is a key: a connection of the kind `s3`",
  ),
  version: optional(integer(0), "the latest").describe("a version of the table's log"),
}));

export const delta: Described<ExtractorStrategy<DeltaExtraction>, DeltaExtraction> = {
  name: "DELTA",
  summary: "a Delta Lake table",
  options,
  toSource({ version, connection, ...choice }, place) {
    const path = choosePath(choice, place);
    const more = { ...(version === undefined ? {} : { version }), ...(connection === undefined ? {} : { connection }) };
    return { delta: { path, ...more } };
  },
};

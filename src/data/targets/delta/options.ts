// Defines the options of an output to a Delta Lake table.
import { optional } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A Delta Lake table. */
export interface DeltaOptions {
  /** Folder of the table. Default: `<lake>/<dataset>`. */
  readonly path?: string;
  /** Columns whose values split the table into folders, so that queries for some values read no others. */
  readonly partitionBy?: readonly string[];
}

export const deltaSpec: Spec<DeltaOptions> = defineSpec<DeltaOptions>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe("folder of the table"),
  partitionBy: texts("columns", 0)
    .default([])
    .describe("columns whose values split the table into folders, so that queries for some values read no others"),
}));

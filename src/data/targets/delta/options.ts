// What an output says of a Delta Lake table.
import type { DatasetTargets } from "../../../core/dataset/dataset.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

type DeltaOptions = NonNullable<DatasetTargets["delta"]>;

export const deltaSpec: Spec<DeltaOptions> = defineSpec<DeltaOptions>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe("folder of the table"),
  partitionBy: texts("columns", 0)
    .default([])
    .describe("columns whose values split the table into folders, so that queries for some values read no others"),
}));

// The options of each target.
import type { DatasetTargets } from "../../core/dataset/dataset.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { text, texts } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

type TargetOptions<Format extends keyof DatasetTargets> = NonNullable<DatasetTargets[Format]>;

export const deltaSpec: Spec<TargetOptions<"delta">> = defineSpec<TargetOptions<"delta">>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe("folder of the Delta Lake table"),
  partitionBy: texts("columns", 0).default([]).describe("columns whose values get a folder each"),
}));

export const parquetSpec: Spec<TargetOptions<"parquet">> = defineSpec<TargetOptions<"parquet">>()(() => ({
  path: text("a path").describe("one file (mode `replace`), or a folder that gets one file a run (mode `append`)"),
}));

export const sqliteSpec: Spec<TargetOptions<"sqlite">> = defineSpec<TargetOptions<"sqlite">>()(() => ({
  path: text("a path").describe("file of the database, which is made if there is none"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
}));

export const duckdbSpec: Spec<TargetOptions<"duckdb">> = defineSpec<TargetOptions<"duckdb">>()(() => ({
  path: text("a path").describe("file of the database, which is made if there is none"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
}));

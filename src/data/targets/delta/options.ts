// Defines the options of an output to a Delta Lake table.
import { z } from "zod";
import { catalogNamePattern } from "../../../connections/catalog/catalog-name.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A Delta Lake table. */
export interface DeltaOptions {
  /** Folder of the table, or its address in a bucket: `s3://bucket/key`. Default: `<lake>/<dataset>`. */
  readonly path?: string;
  /** Where `path` is a key: a connection of the kind `s3`. Default: this machine. */
  readonly connection?: string;
  /** Name of the table in the catalog of the project, such as `main.sales.promos`; `path` is then where a new one is made. */
  readonly table?: string;
  /** Columns whose values split the table into folders, so that queries for some values read no others. */
  readonly partitionBy?: readonly string[];
}

export const deltaSpec: Spec<DeltaOptions> = defineSpec<DeltaOptions>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe(
    "folder of the table, or its address in a bucket: `s3://bucket/key`",
  ),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where `path` is a key: a connection of the kind `s3`",
  ),
  table: optional(expecting("a name such as `main.sales.promos`", z.string().regex(catalogNamePattern))).describe(
    "name of the table in the [catalog](catalog.md) of the project, such as `main.sales.promos`; `path` is then where a new one is made",
  ),
  partitionBy: texts("columns", 0)
    .default([])
    .describe("columns whose values split the table into folders, so that queries for some values read no others"),
}));

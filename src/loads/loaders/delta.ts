// A Delta Lake table.
import { optional } from "../../core/spec/option-notes.ts";
import { text, texts } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface DeltaLoading {
  readonly path?: string;
  readonly connection?: string;
  readonly table?: string;
  readonly partition_by?: readonly string[];
}

const options: Spec<DeltaLoading> = defineSpec<DeltaLoading>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe(
    "folder of the table, or its address in a bucket; with `table` where a new one is made",
  ),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where `path` is a key: a connection of the kind `s3`",
  ),
  table: optional(text("a name such as `main.sales.promos`")).describe(
    "name of the table in the [catalog](catalog.md) of the project",
  ),
  partition_by: optional(texts("columns")).describe("columns whose values split the table into folders"),
}));

export const delta: Described<LoaderStrategy<DeltaLoading>, DeltaLoading> = {
  name: "DELTA",
  summary: "a Delta Lake table",
  options,
  toTarget: ({ partition_by: partitionBy, ...place }) => ({
    delta: { ...place, ...(partitionBy === undefined ? {} : { partitionBy }) },
  }),
};

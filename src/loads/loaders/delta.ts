// A Delta Lake table.
import { optional } from "../../core/spec/option-notes.ts";
import { text, texts } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface DeltaLoading {
  readonly path?: string;
  readonly partition_by?: readonly string[];
}

const options: Spec<DeltaLoading> = defineSpec<DeltaLoading>()(() => ({
  path: optional(text("a path"), "`<lake>/<dataset>`").describe("folder of the table"),
  partition_by: optional(texts("columns")).describe("columns whose values split the table into folders"),
}));

export const delta: Described<LoaderStrategy<DeltaLoading>, DeltaLoading> = {
  name: "DELTA",
  summary: "a Delta Lake table",
  options,
  toTarget: ({ path, partition_by: partitionBy }) => ({
    delta: { ...(path === undefined ? {} : { path }), ...(partitionBy === undefined ? {} : { partitionBy }) },
  }),
};

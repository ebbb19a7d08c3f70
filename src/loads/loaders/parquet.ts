// A Parquet file with the rows of the run.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { toFile } from "../file-paths.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface ParquetLoading {
  readonly path: string;
  readonly connection?: string;
}

const options: Spec<ParquetLoading> = defineSpec<ParquetLoading>()(() => ({
  path: text("a path").describe("a file, or a folder that gets `<dataset>.parquet`"),
  connection: optional(text("the name of a connection"), "that of the path").describe(
    "where the file goes, if not where the path says",
  ),
}));

export const parquet: Described<LoaderStrategy<ParquetLoading>, ParquetLoading> = {
  name: "PARQUET",
  summary: "a Parquet file with the rows of the run",
  options,
  toTarget: ({ path, connection }, { dataset }) => ({
    parquet: { path: toFile(path, dataset, "parquet"), ...(connection === undefined ? {} : { connection }) },
  }),
};

// What an output says of Parquet files.
import type { DatasetTargets } from "../../../core/dataset/dataset.ts";
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

type ParquetOptions = NonNullable<DatasetTargets["parquet"]>;

export const parquetSpec: Spec<ParquetOptions> = defineSpec<ParquetOptions>()(() => ({
  path: text("a path").describe("one file (mode `replace`), or a folder that gets one file a run (mode `append`)"),
}));

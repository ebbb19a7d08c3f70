// Defines the options of an output to Parquet files.
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** One Parquet file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface ParquetOptions {
  readonly path: string;
}

export const parquetSpec: Spec<ParquetOptions> = defineSpec<ParquetOptions>()(() => ({
  path: text("a path").describe("one file (mode `replace`), or a folder that gets one file a run (mode `append`)"),
}));

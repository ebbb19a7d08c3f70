// Defines the options of an output to Parquet files.
import type { Spec } from "../../../core/spec/spec.ts";
import { type FileOptions, fileSpec } from "../file-options.ts";

/** One Parquet file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface ParquetOptions extends FileOptions {}

export const parquetSpec: Spec<ParquetOptions> = fileSpec;

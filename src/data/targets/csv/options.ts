// What an output says of CSV files.
import type { Spec } from "../../../core/spec/spec.ts";
import { type FileOptions, fileSpec } from "../file-options.ts";

/** One CSV file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface CsvTargetOptions extends FileOptions {}

export const csvTargetSpec: Spec<CsvTargetOptions> = fileSpec;

// What an output says of NDJSON files.
import type { Spec } from "../../../core/spec/spec.ts";
import { type FileOptions, fileSpec } from "../file-options.ts";

/** One NDJSON file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface NdjsonTargetOptions extends FileOptions {}

export const ndjsonTargetSpec: Spec<NdjsonTargetOptions> = fileSpec;

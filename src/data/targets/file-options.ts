// What an output says of files, whatever their format.
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** One file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface FileOptions {
  readonly path: string;
}

export const fileSpec: Spec<FileOptions> = defineSpec<FileOptions>()(() => ({
  path: text("a path").describe("one file (mode `replace`), or a folder that gets one file a run (mode `append`)"),
}));

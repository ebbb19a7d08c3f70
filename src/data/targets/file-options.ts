// What an output says of files, whatever their format.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** One file (mode `replace`), or a folder that gets one file a run (`append`). */
export interface FileOptions {
  readonly path: string;
  /** Where the files are: a connection of the kind `s3`, `sftp` or `webhdfs`. Default: this machine. */
  readonly connection?: string;
}

export const fileSpec: Spec<FileOptions> = defineSpec<FileOptions>()(() => ({
  path: text("a path").describe(
    "path or address (`s3://bucket/key`) of one file (mode `replace`), or a folder that gets one file a run (mode `append`)",
  ),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where the files are: a connection of the kind `s3`, `sftp` or `webhdfs`; `path` is then a key, or absolute there",
  ),
}));

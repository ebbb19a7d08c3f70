// Defines where files that are taken as they are go.
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

export interface SaveOptions {
  /** Folder that gets the files; texts may have variables of the unit. */
  readonly path: string;
  /** Where that is: a connection of the kind `s3`, `sftp` or `webhdfs`. Default: this machine. */
  readonly connection?: string;
  /** Below `path`. Default: the name of each file, with the folders below the one that the pattern of the source begins in. */
  readonly name?: string;
  /** Folder of the source that names keep the folders below of. */
  readonly from?: string;
  /** What happens to another file of that name. Default `fail`. */
  readonly over?: "fail" | "replace";
  /** What each file has to have, hexadecimal. */
  readonly md5?: string;
  readonly sha256?: string;
}

export const saveSpec: Spec<SaveOptions> = defineSpec<SaveOptions>()(() => ({
  path: text("a path").describe(
    "folder that gets the files, which is made; relative ones belong to the project. It, `name`, `md5` and `sha256` may have variables",
  ),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where that is: a connection of the kind `s3`, `sftp` or `webhdfs`; `path` is then the beginning of keys, or absolute there",
  ),
  name: optional(
    text("a name"),
    "that of the file, with the folders below the one that its pattern begins in",
  ).describe(
    "name of the file below `path`, with `/` between folders; `{{page.number}}` counts the answers of a service",
  ),
  from: optional(text("a folder")).describe(
    "folder of the source, such as `/outgoing`: names keep the folders below it",
  ),
  over: choice(["fail", "replace"])
    .default("fail")
    .describe("what happens where another file has that name; one with the same bytes stays in either case"),
  md5: optional(text("a checksum")).describe("the MD5 that the file has to have, hexadecimal, such as `{{files.md5}}`"),
  sha256: optional(text("a checksum")).describe("the SHA-256 that the file has to have, hexadecimal"),
}));

// Defines the options of a source of files: where they are, and what any source may say of its files.
import { z } from "zod";
import type { Duration } from "../../../core/duration.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, duration, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { type FileReadingOptions, fileReadingSpec } from "../file-reading-options.ts";
import { type FileFormatName, formatNames } from "../format-registry.ts";

interface OwnOptions {
  /**
   * Files or globs (`*`, `**`, `?`, `[…]`). Relative ones belong to the project and may not lead out of it;
   * an absolute path names a place elsewhere on purpose. `{{params.files}}` alone, for a list, names exactly those files.
   */
  readonly path: string | readonly string[];
  /** Where the files are: a connection of the kind `s3`, `sftp` or `webhdfs`. Default: this machine. */
  readonly connection?: string;
  /** A regular expression that the whole path has to match, beside `path`. */
  readonly pattern?: string;
  /** Files that were written to less than that ago are left for later. Default: none are. */
  readonly settled?: Duration;
  /** What it means that there is no file: an error, or that the source is not ready (`wait` of the job). Default `fail`. */
  readonly missing?: "fail" | "wait";
  /** Rows are the files themselves: `path`, `size`, `modified`, `etag`. Default false. */
  readonly list?: boolean;
  /** Default: by extension, before those of what the files are packed with. */
  readonly format?: FileFormatName;
}

/** Files of one format with the same kind of rows; their columns are united by name. */
export interface FileSource extends OwnOptions, FileReadingOptions {}

export const fileSpec: Spec<FileSource> = defineSpec<OwnOptions, Omit<FileReadingOptions, "format">>(fileReadingSpec)(
  () => ({
    path: z
      .union([text("a path"), texts("paths")])
      .describe(
        "files or patterns (`*`, `**`, `?`, `[…]`); relative ones belong to the project and may not lead out of it, an absolute one names a place elsewhere on purpose; one variable alone may be a list, which names exactly those files",
      ),
    connection: optional(text("the name of a connection"), "this machine").describe(
      "where the files are: a connection of the kind `s3`, `sftp` or `webhdfs`; `path` is then a key, or absolute there",
    ),
    pattern: optional(text("a regular expression")).describe("what the whole path has to match, beside `path`"),
    settled: optional(duration()).describe("files that were written to less than that ago are left for later"),
    missing: choice(["fail", "wait"])
      .default("fail")
      .describe(
        "what it means that there is no file: an error, or that the source is not ready, which `wait` waits for",
      ),
    list: optional(z.boolean(), "false").describe(
      "rows are the files themselves (`path`, `size`, `modified`, `etag`), which are not read",
    ),
    format: optional(choice(formatNames), "by extension, before `.gz` and the like").describe(
      "the format of all files",
    ),
  }),
);

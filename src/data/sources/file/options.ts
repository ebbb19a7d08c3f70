// Defines the options of a source of files: where they are, and what any source may say of its files.
import { z } from "zod";
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { type FileReadingOptions, fileReadingSpec } from "../file-reading-options.ts";
import { type FileFormatName, formatNames } from "../format-registry.ts";

interface OwnOptions {
  /**
   * Files or globs (`*`, `**`, `?`, `[…]`). Relative ones belong to the project and may not lead out of it;
   * an absolute path names a place elsewhere on purpose.
   */
  readonly path: string | readonly string[];
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
        "files or patterns (`*`, `**`, `?`, `[…]`); relative ones belong to the project and may not lead out of it, an absolute one names a place elsewhere on purpose",
      ),
    format: optional(choice(formatNames), "by extension, before `.gz` and the like").describe(
      "the format of all files",
    ),
  }),
);

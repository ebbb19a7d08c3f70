// Defines the options of a source of files, put together from those of each file format.
import { z } from "zod";
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { fileFormats, type FileFormatName, formatNames } from "../format-registry.ts";
import type * as formats from "../file-formats.ts";

type Formats = typeof formats;

type OptionsOf<Format extends Formats[keyof Formats]> = NonNullable<Parameters<Format["read"]>[2]["options"]>;

/** Format → how it is read, of the formats that take options. */
type FormatOptions = {
  readonly [Name in keyof Formats as [OptionsOf<Formats[Name]>] extends [never] ? never : Name]?: OptionsOf<
    Formats[Name]
  >;
};

interface OwnOptions {
  /**
   * Files or globs (`*`, `**`, `?`, `[…]`). Relative ones belong to the project and may not lead out of it;
   * an absolute path names a place elsewhere on purpose.
   */
  readonly path: string | readonly string[];
  /** Default: by extension, before `.gz` or `.zst`. */
  readonly format?: FileFormatName;
}

/** Files of one format with the same kind of rows; their columns are united by name. */
export interface FileSource extends OwnOptions, FormatOptions {}

export const fileSpec: Spec<FileSource> = defineSpec<OwnOptions, FormatOptions>(
  defineSpec<object>()(() => shapeOfAll()),
)(() => ({
  path: z
    .union([text("a path"), texts("paths")])
    .describe(
      "files or patterns (`*`, `**`, `?`, `[…]`); relative ones belong to the project and may not lead out of it, an absolute one names a place elsewhere on purpose",
    ),
  format: optional(choice(formatNames), "by extension, before `.gz` or `.zst`").describe("the format of all files"),
}));

/** The names are only known when the program runs, so that the compiler is told of none; `FormatOptions` has their types. */
function shapeOfAll(): Record<never, z.ZodType> {
  return Object.fromEntries(
    fileFormats.flatMap(({ name, summary, options }) =>
      options === undefined ? [] : [[name, optional(options.schema).describe(summary)] as const],
    ),
  );
}

// What a source may say of its files, wherever they come from: their format, and how they are packed.
import { z } from "zod";
import { type Secret, secret } from "../../core/connection/secret.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { type Size, sizePattern } from "../../core/size.ts";
import type * as formats from "./file-formats.ts";
import { fileFormats, type FileFormatName, findFileFormat } from "./format-registry.ts";
import { type Codec, codecs } from "./packing/codecs.ts";
import { isEncoding } from "./packing/decode-text.ts";

type Formats = typeof formats;

type OptionsOf<Format extends Formats[keyof Formats]> = NonNullable<Parameters<Format["read"]>[2]["options"]>;

/** Format → how it is read, of the formats that take options. */
type FormatOptions = {
  readonly [Name in keyof Formats as [OptionsOf<Formats[Name]>] extends [never] ? never : Name]?: OptionsOf<
    Formats[Name]
  >;
};

/** How files are packed and encoded. */
export interface PackingOptions {
  /** How the files are packed, the outermost first. Default: by extension. An empty list for files that are not packed. */
  readonly codec?: Codec | readonly Codec[];
  /** Pattern of the files in archives that are read. Default: all. */
  readonly entries?: string;
  /** How text is encoded, such as `windows-1252` or `utf-16be`. Default UTF-8. */
  readonly encoding?: string;
  readonly unpack?: UnpackLimits;
  readonly gpg?: GpgOptions;
}

/** What opens encrypted files. */
export interface GpgOptions {
  /** The armored private key. */
  readonly privateKey?: Secret;
  /** Of the private key. */
  readonly passphrase?: Secret;
  /** Of files that were encrypted with a password. */
  readonly password?: Secret;
}

/** What stops a small file that stands for endless bytes. */
export interface UnpackLimits {
  /** Bytes that may come out of all files together, such as `64GB`. */
  readonly maxBytes?: Size;
  /** Bytes that may come out of a file for each that it has. */
  readonly maxRatio?: number;
}

/** Everything about the files of a source but where they are. */
export interface FileReadingOptions extends PackingOptions, FormatOptions {
  readonly format?: FileFormatName;
}

const unpackSpec: Spec<UnpackLimits> = defineSpec<UnpackLimits>()(() => ({
  maxBytes: expecting("a size such as `2GB`", z.string().regex(sizePattern))
    .default("64GB")
    .describe("bytes that may come out of all files together"),
  maxRatio: expecting("a number above 1", z.number().gt(1))
    .default(1000)
    .describe("bytes that may come out of a file for each that it has, once many have come"),
}));

const gpgSpec: Spec<GpgOptions> = defineSpec<GpgOptions>()(() => ({
  privateKey: optional(secret()).describe("the armored private key that files are encrypted for"),
  passphrase: optional(secret()).describe("what opens the private key"),
  password: optional(secret()).describe("the password, of files that were encrypted with one"),
}));

/** Formats and packing, without the choice of the format. */
export const fileReadingSpec: Spec<PackingOptions & FormatOptions> = defineSpec<PackingOptions, FormatOptions>(
  defineSpec<object>()(() => shapeOfFormats()),
)(() => ({
  codec: optional(codec(), "by extension: `.gz`, `.zst`, `.br`, `.zz`, `.zip`, `.gpg`").describe(
    "how the files are packed, the outermost first: one or more of `gzip`, `zstd`, `brotli`, `deflate`, `zip`, `gpg`; an empty list for files that are not packed",
  ),
  entries: optional(text("a pattern"), "all").describe(
    "the files in archives that are read, such as `**/*.csv`; the others are left aside",
  ),
  encoding: optional(expecting("an encoding such as `windows-1252`", z.string().refine(isEncoding)), "UTF-8").describe(
    "how text is encoded: `windows-1252` (which `latin1` means, too), `utf-16le`, `utf-16be`, `shift_jis`, …",
  ),
  unpack: optional(unpackSpec.schema).describe("how much may come out of packed files"),
  gpg: optional(gpgSpec.schema).describe("what opens encrypted files"),
}));

/**
 * What no option can tell by itself.
 * @param path to the options, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertFileReading(where: string, path: OptionPath, options: FileReadingOptions): void {
  const said = new Map<string, object>(Object.entries(options));
  for (const format of fileFormats) format.assertOptions?.(where, [...path, format.name], said.get(format.name) ?? {});
  assertTaken(where, path, options.format, said);
  if (options.format === undefined || options.encoding === undefined) return;
  if (findFileFormat(options.format).format.isText) return;
  throw refusal(where, [...path, "encoding"], `left out for the format ${options.format}`, options.encoding);
}

/** Whether files of the format are taken as they are. */
export function takesWhole(format: FileFormatName | undefined): boolean {
  return format !== undefined && findFileFormat(format).format.takesWhole === true;
}

/** Files that are taken as they are have to go somewhere, and what is read goes nowhere by itself. */
function assertTaken(
  where: string,
  path: OptionPath,
  chosen: FileFormatName | undefined,
  said: ReadonlyMap<string, object>,
): void {
  for (const { name, variants, takesWhole } of fileFormats) {
    if (takesWhole !== true) continue;
    const isChosen = variants.some((variant) => variant === chosen);
    if (isChosen && !said.has(name)) throw refusal(where, [...path, name], `said for the format ${chosen}`, undefined);
    if (!isChosen && said.has(name))
      throw refusal(where, [...path, "format"], `${variants.join(" or ")} beside \`${name}\``, chosen);
  }
}

function codec(): z.ZodType<Codec | readonly Codec[], Codec | readonly Codec[]> {
  return expecting(
    `one of ${codecs.join(", ")}, or a list of them`,
    z.union([choice(codecs), z.array(choice(codecs)).readonly()]),
  );
}

/** The names are only known when the program runs, so that the compiler is told of none; `FormatOptions` has their types. */
function shapeOfFormats(): Record<never, z.ZodType> {
  return Object.fromEntries(
    fileFormats.flatMap(({ name, summary, options }) =>
      options === undefined ? [] : [[name, optional(options.schema).describe(summary)] as const],
    ),
  );
}

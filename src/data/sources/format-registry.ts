// From the names of formats and of files to the formats of files.
import { MillraceError } from "../../core/errors/errors.ts";
import * as formats from "./file-formats.ts";
import type { FileFormat } from "./file-format.ts";

/** All formats of files. */
export const fileFormats: readonly FileFormat[] = Object.values(formats);

type Formats = typeof formats;

/** What a source may call a format of files; a format may go by several names. */
export type FileFormatName = Formats[keyof Formats]["variants"][number];

/** What `format` may say. */
export const formatNames: readonly [FileFormatName, ...FileFormatName[]] = fileFormats.flatMap(
  ({ variants }) => variants,
) as unknown as readonly [FileFormatName, ...FileFormatName[]];

/** A format under the name by which a source calls it. */
export interface NamedFormat {
  readonly format: FileFormat;
  readonly variant: string;
}

/** The format that a source names. */
export function findFileFormat(name: string): NamedFormat {
  const format = fileFormats.find(({ variants }) => variants.includes(name));
  if (format === undefined) throw new MillraceError("INTERNAL", `no format of files is called \`${name}\``);
  return { format, variant: name };
}

/** The format that the names of all files have in common. @throws MillraceError `VALUE_INVALID` */
export function commonFormat(names: readonly string[]): NamedFormat {
  const found = new Map(names.map((name) => [formatOf(name), name] as const));
  const [format] = found.keys();
  if (found.size === 1 && format !== undefined) return findFileFormat(format);
  for (const name of found.values()) assertReadable(name);
  const got = [...found.values()].map((name) => `\`${name}\``).join(", ");
  throw new MillraceError("VALUE_INVALID", `the format does not follow from the file names, got: ${got}`, {
    hint: `set \`format\`: ${fileFormats.flatMap(({ variants }) => variants).join(", ")}`,
  });
}

/** Formats that nothing here reads. Their names say so before anybody looks for an option. */
const unread: Readonly<Record<string, string>> = {
  orc: "have it written as Parquet, which Spark and pyarrow make of it without loss",
  xls: "have it saved as `.xlsx`",
  xlsb: "have it saved as `.xlsx`",
  sav: "have it written as Parquet",
  dta: "have it written as Parquet",
  sas7bdat: "have it written as Parquet",
  ebc: "have the text converted from EBCDIC to UTF-8 where its fields are known; packed decimals would be lost",
  ebcdic: "have the text converted from EBCDIC to UTF-8 where its fields are known; packed decimals would be lost",
};

/** @throws MillraceError `SOURCE_UNREADABLE` for a format that is known and not read */
function assertReadable(name: string): void {
  const extension = name.toLowerCase().split(".").at(-1) ?? "";
  const hint = new Map(Object.entries(unread)).get(extension);
  if (hint === undefined) return;
  throw new MillraceError(
    "SOURCE_UNREADABLE",
    `reading \`${name}\`: files that end with \`.${extension}\` are not read`,
    {
      hint,
    },
  );
}

/** What a source would call the format of a file of this name, which has no extension of what it is packed with. */
export function formatOf(name: string): string | undefined {
  const extension = name.toLowerCase().split(".").at(-1) ?? "";
  return fileFormats.flatMap(({ extensions }) => extensions[extension] ?? [])[0];
}

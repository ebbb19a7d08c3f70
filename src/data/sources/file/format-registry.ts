// From the names of formats and of files to the formats of files.
import { MillraceError } from "../../../core/errors/errors.ts";
import * as formats from "../file-formats.ts";
import type { FileFormat } from "../file-format.ts";

/** All formats of files. */
export const fileFormats: readonly FileFormat[] = Object.values(formats);

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
export function commonFormat(files: readonly string[]): NamedFormat {
  const found = new Map(files.map((file) => [formatOf(file), file] as const));
  const [name] = found.keys();
  if (found.size === 1 && name !== undefined) return findFileFormat(name);
  const got = [...found.values()].map((file) => `\`${file}\``).join(", ");
  throw new MillraceError("VALUE_INVALID", `the format does not follow from the file names, got: ${got}`, {
    hint: `set \`format\`: ${fileFormats.flatMap(({ variants }) => variants).join(", ")}`,
  });
}

function formatOf(file: string): string | undefined {
  const bare = file.toLowerCase().replace(/\.(gz|zst)$/, "");
  const extension = bare.split(".").at(-1) ?? "";
  return fileFormats.flatMap(({ extensions }) => extensions[extension] ?? [])[0];
}

// Files of one format as rows, wherever the files came from: a folder, a service, a store of files. Packed ones are unpacked first.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { EngineSession } from "../../compute/engine.ts";
import { resolveSecrets } from "../../connections/registry/resolve-secrets.ts";
import { readVariable } from "../../connections/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseSize } from "../../core/size.ts";
import { FileSpool, type NamedFile } from "./file-spool.ts";
import type { FileFormat } from "./file-format.ts";
import { commonFormat, findFileFormat, formatOf, type NamedFormat } from "./format-registry.ts";
import type { FileReadingOptions, GpgOptions } from "./file-reading-options.ts";
import type { GpgKeys } from "./packing/gpg.ts";
import { usualLimits } from "./packing/inflation-limit.ts";
import { type UnpackedFile, unpackFiles, type UnpackOptions } from "./packing/unpack-files.ts";
import type { PageOptions, PageRows } from "./page-rows.ts";
import type { KnownTable, SourceRows } from "./source-rows.ts";
import { assertWholeArchives } from "./whole-archives.ts";

export interface FilesReading extends SecretPlaces {
  readonly options: FileReadingOptions;
  /** The table that the rows go to. */
  readonly table: KnownTable;
  /** Folder for what is made of the files, which is the caller's to delete; it may not be there yet. */
  readonly spool: string;
}

/** Where secrets are found. */
interface SecretPlaces {
  /** Folder of the project, absolute: relative paths of secrets belong to it. */
  readonly root: string;
  /** Told each secret, so that it is masked wherever it turns up. */
  readonly onSecret?: ((secret: string) => void) | undefined;
}

/**
 * One relation over the rows of all files, united by column name, in the order of the files.
 * @param files in the order in which they are read; their names tell format and packing, unless options do
 * @throws MillraceError `SOURCE_UNREADABLE` naming file and, where it has lines, line; `SOURCE_EMPTY`; `VALUE_INVALID` when the
 *   format does not follow from the names
 */
export async function readFiles(
  session: EngineSession,
  files: readonly NamedFile[],
  { options, table, spool, ...places }: FilesReading,
): Promise<SourceRows> {
  const unpackedSpool = new FileSpool(spool);
  return await unpackedSpool.naming(async () => {
    const unpacksItself = (inner: string): boolean => {
      const name = options.format ?? formatOf(inner);
      return name !== undefined && findFileFormat(name).format.archives !== "none";
    };
    const found = await unpackFiles(files, unpackedSpool, unpacksItself, toUnpackOptions(options, places));
    const named = formatOfAll(found, options);
    const { format, variant } = named;
    const paths = found.map(({ path }) => path);
    if (format.archives === "unpacks") await assertWholeArchives(paths);
    const own = new Map<string, unknown>(Object.entries(options)).get(format.name);
    const reading = { variant, table, spool, openObjects, ...(isOptions(own) ? { options: own } : {}) };
    const rows = unpackedSpool.rename(await format.read(session, paths, reading));
    const units = found.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit] as const]));
    return units.length === 0 ? rows : { ...rows, units: new Map(units) };
  });
}

function openObjects(options: PageOptions): PageRows {
  const { pages } = findFileFormat("ndjson").format;
  if (pages === undefined) throw new MillraceError("INTERNAL", "no format reads objects");
  return pages.open(options);
}

function toUnpackOptions(
  { codec, entries, encoding, unpack, gpg }: FileReadingOptions,
  { root, onSecret }: SecretPlaces,
): UnpackOptions {
  const limits = {
    maxBytes: unpack?.maxBytes === undefined ? usualLimits.maxBytes : parseSize(unpack.maxBytes),
    maxRatio: unpack?.maxRatio ?? usualLimits.maxRatio,
  };
  return {
    ...(codec === undefined ? {} : { codec: typeof codec === "string" ? [codec] : codec }),
    ...(entries === undefined ? {} : { entries }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(unpack === undefined ? {} : { limits }),
    ...(gpg === undefined ? {} : { keys: resolveKeys(gpg, { root, onSecret }) }),
  };
}

function resolveKeys(gpg: GpgOptions, { root, onSecret }: SecretPlaces): GpgKeys {
  return resolveSecrets(gpg, "`gpg` of the source", {
    readVariable,
    readFile: (path) => {
      const found = resolve(root, path);
      return existsSync(found) ? readFileSync(found, "utf8") : undefined;
    },
    onSecret: (found) => onSecret?.(found),
  });
}

function formatOfAll(files: readonly UnpackedFile[], { format, encoding }: FileReadingOptions): NamedFormat {
  const named = format === undefined ? commonFormat(files.map(({ innerName }) => innerName)) : findFileFormat(format);
  if (encoding !== undefined) assertText(named.format, encoding);
  return named;
}

function assertText({ name, isText }: FileFormat, encoding: string): void {
  if (isText) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected \`encoding\` to be left out for the format ${name}, got: \`${encoding}\``,
  );
}

function isOptions(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

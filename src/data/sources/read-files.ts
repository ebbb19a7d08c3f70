// Files of one format as rows, wherever the files came from: a folder, a service, a store of files. Packed ones are unpacked first.
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { EngineSession } from "../../compute/engine.ts";
import { resolveSecrets } from "../../connections/registry/resolve-secrets.ts";
import { readServiceSecret, readVariable } from "../../connections/variables.ts";
import type { SourceReading } from "../../core/dataset/source.ts";
import type { Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseSize } from "../../core/size.ts";
import { type FileFacts, FileSpool, type NamedFile } from "./file-spool.ts";
import type { DeliveredFile, FileFormat } from "./file-format.ts";
import { commonFormat, findFileFormat, formatOf, type NamedFormat } from "./format-registry.ts";
import { type FileReadingOptions, type GpgOptions, takesWhole } from "./file-reading-options.ts";
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
  /** What variables stand for. Default: nothing. */
  readonly units?: Pick<SourceReading, "units" | "secretScopes"> | undefined;
  /** Whether the source finds files that are put at a path behind a connection, or on this machine. Default: it finds none. */
  readonly isFound?: (path: string, connection: string | undefined) => boolean;
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
  { options, table, spool, units, isFound = () => false, ...places }: FilesReading,
): Promise<SourceRows> {
  const unpackedSpool = new FileSpool(spool);
  return await unpackedSpool.naming(async () => {
    const unpacksItself = (inner: string): boolean => {
      const name = options.format ?? formatOf(inner);
      return name !== undefined && findFileFormat(name).format.archives !== "none";
    };
    const found = isTakenWhole(options)
      ? files.map((file) => ({ ...file, innerName: file.name }))
      : await unpackFiles(files, unpackedSpool, unpacksItself, await toUnpackOptions(options, places));
    const named = formatOfAll(found, options);
    const { format, variant } = named;
    const paths = found.map(({ path }) => path);
    if (format.archives === "unpacks") await assertWholeArchives(paths);
    const own = new Map<string, unknown>(Object.entries(options)).get(format.name);
    const reading = {
      variant,
      table,
      spool,
      openObjects,
      isFound,
      delivered: toDelivered(found, files),
      variablesOf: ({ unit, facts }: DeliveredFile) => variablesOf(units, unit ?? 0, facts),
      ...(isOptions(own) ? { options: own } : {}),
    };
    const rows = unpackedSpool.rename(await format.read(session, paths, reading));
    const told = found.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit] as const]));
    return told.length === 0 ? rows : { ...rows, units: new Map(told) };
  });
}

/** Whether nothing is made of the files, whatever their names say. */
function isTakenWhole({ format, codec = [], entries }: FileReadingOptions): boolean {
  const isWhole = takesWhole(format);
  return isWhole && codec.length === 0 && entries === undefined;
}

/** The files as a format that takes them as they are gets them. */
function toDelivered(found: readonly UnpackedFile[], files: readonly NamedFile[]): readonly DeliveredFile[] {
  const paths = new Set(files.map(({ path }) => path));
  const names = new Set(files.map(({ name }) => name));
  return found.map(({ path, name, unit, facts = { path: name, below: basename(name) }, innerName }) => ({
    path,
    name,
    facts,
    ...(unit === undefined ? {} : { unit }),
    // the name of a file within an archive has its folders there
    ...(paths.has(path) ? {} : { innerName: names.has(name) ? basename(innerName) : innerName }),
  }));
}

/** What a file is called is no place for secrets. */
function variablesOf(reading: FilesReading["units"], unit: number, { page }: FileFacts): Variables {
  const { units = [], secretScopes = [] } = reading ?? {};
  const known = Object.entries(units[unit]?.variables ?? {}).filter(([scope]) => !secretScopes.includes(scope));
  return { ...Object.fromEntries(known), ...(page === undefined ? {} : { page: { number: page } }) };
}

function openObjects(options: PageOptions): PageRows {
  const { pages } = findFileFormat("ndjson").format;
  if (pages === undefined) throw new MillraceError("INTERNAL", "no format reads objects");
  return pages.open(options);
}

async function toUnpackOptions(
  { codec, entries, encoding, unpack, gpg }: FileReadingOptions,
  { root, onSecret }: SecretPlaces,
): Promise<UnpackOptions> {
  const limits = {
    maxBytes: unpack?.maxBytes === undefined ? usualLimits.maxBytes : parseSize(unpack.maxBytes),
    maxRatio: unpack?.maxRatio ?? usualLimits.maxRatio,
  };
  return {
    ...(codec === undefined ? {} : { codec: typeof codec === "string" ? [codec] : codec }),
    ...(entries === undefined ? {} : { entries }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(unpack === undefined ? {} : { limits }),
    ...(gpg === undefined ? {} : { keys: await resolveKeys(gpg, { root, onSecret }) }),
  };
}

async function resolveKeys(gpg: GpgOptions, { root, onSecret }: SecretPlaces): Promise<GpgKeys> {
  return await resolveSecrets(gpg, "`gpg` of the source", {
    readVariable,
    readFile: (path) => {
      const found = resolve(root, path);
      return existsSync(found) ? readFileSync(found, "utf8") : undefined;
    },
    readService: readServiceSecret,
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

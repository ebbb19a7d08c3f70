// Files as they were delivered → files that a format can read: decrypted, unpacked, and in UTF-8 where an encoding is said. What the
// formats unpack by themselves stays as it is.
import { createReadStream } from "node:fs";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { FileFacts, FileSpool, NamedFile } from "../file-spool.ts";
import { isArchive } from "../whole-archives.ts";
import { type Codec, codecs, parsePackedName } from "./codecs.ts";
import { parseEntryPattern } from "./entry-pattern.ts";
import type { GpgKeys } from "./gpg.ts";
import { InflationLimit, type InflationLimits } from "./inflation-limit.ts";
import { unpackTo } from "./unpack-stream.ts";
import { openZip } from "./zip-entries.ts";

export interface UnpackOptions {
  /** The outermost first. Default: by the names of the files. */
  readonly codec?: readonly Codec[];
  /** Pattern of the entries of archives that are read. Default: all. */
  readonly entries?: string;
  readonly encoding?: string;
  readonly limits?: InflationLimits;
  readonly keys?: GpgKeys;
}

/** A file that can be read. */
export interface UnpackedFile extends NamedFile {
  /** Its name without the extensions of what it was packed with. */
  readonly innerName: string;
}

interface Unpacker extends UnpackOptions {
  readonly spool: FileSpool;
  readonly limit: InflationLimit;
  readonly isWanted: (entry: string) => boolean;
  readonly unpacksItself: (innerName: string) => boolean;
}

/**
 * @param spool takes what is made
 * @param unpacksItself whether what reads a file of this name undoes gzip and zstd while it reads
 * @throws MillraceError `SOURCE_UNREADABLE` naming a file that is damaged, cut, or packed in a way that is not known, and an
 *   archive without a wanted entry
 */
export async function unpackFiles(
  files: readonly NamedFile[],
  spool: FileSpool,
  unpacksItself: (innerName: string) => boolean,
  options: UnpackOptions,
): Promise<UnpackedFile[]> {
  const isWanted = options.entries === undefined ? () => true : parseEntryPattern(options.entries);
  const unpacker = { ...options, spool, limit: new InflationLimit(options.limits), isWanted, unpacksItself };
  const unpacked: UnpackedFile[] = [];
  for (const file of files) unpacked.push(...(await unpackFile(file, unpacker)));
  return unpacked;
}

async function unpackFile(file: NamedFile, unpacker: Unpacker): Promise<UnpackedFile[]> {
  const { inner, layers } = layersOf(file.name, unpacker.codec);
  if (isReadAsIs(file.path, inner, layers, unpacker)) return [{ ...file, innerName: inner }];
  const bytes = createReadStream(file.path, { highWaterMark: 1024 * 1024 });
  const [outside, inside] = splitAtArchive(layers);
  if (inside === undefined) return [await unpackBytes(bytes, { ...file, inner }, outside, unpacker)];
  if (outside.length === 0) return await unpackArchive(file, inside, unpacker);
  const { encoding: _, ...binary } = unpacker;
  const archive = await unpackBytes(bytes, { ...file, inner: "archive" }, outside, binary);
  return await unpackArchive(archive, inside, unpacker);
}

function layersOf(name: string, codec: readonly Codec[] | undefined): { inner: string; layers: readonly Codec[] } {
  const { inner, layers, refused } = parsePackedName(name);
  if (codec !== undefined) return { inner, layers: codec };
  if (refused !== undefined) {
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `reading \`${name}\`: files that end with \`.${refused}\` cannot be unpacked`,
      {
        hint: `have it packed with one of ${codecs.join(", ")}; if it is not packed, set \`codec: []\``,
      },
    );
  }
  return { inner, layers };
}

/** Readers go by the path: what is packed by its name is unpacked while it is read, and nothing else is. */
function isReadAsIs(path: string, inner: string, layers: readonly Codec[], unpacker: Unpacker): boolean {
  if (unpacker.encoding !== undefined) return false;
  const [only, ...others] = layers;
  if (only === undefined || !isArchive(path)) return only === undefined && !isArchive(path);
  const isNamed = others.length === 0 && path.toLowerCase().endsWith(only === "gzip" ? ".gz" : ".zst");
  // the reader knows the usual limits
  return isNamed && unpacker.limits === undefined && unpacker.unpacksItself(inner);
}

type PlainCodec = Exclude<Codec, "zip">;

/** What is around an archive, and what is around its entries; the second is absent where there is no archive. */
function splitAtArchive(layers: readonly Codec[]): readonly [PlainCodec[], (readonly Codec[])?] {
  const at = layers.indexOf("zip");
  const outside = (at === -1 ? layers : layers.slice(0, at)).filter((layer) => layer !== "zip");
  return at === -1 ? [outside] : [outside, layers.slice(at + 1)];
}

interface UnpackedName {
  /** For messages and rows. */
  readonly name: string;
  readonly inner: string;
  readonly unit?: number;
  readonly facts?: FileFacts;
}

async function unpackBytes(
  packed: AsyncIterable<Uint8Array>,
  { name, inner, unit, facts }: UnpackedName,
  layers: readonly PlainCodec[],
  { spool, limit, keys, encoding }: Unpacker,
): Promise<UnpackedFile> {
  const file = await spool.add(name, "unpacked");
  await unpackTo(file.path, packed, {
    name,
    layers,
    limit,
    ...(keys === undefined ? {} : { keys }),
    ...(encoding === undefined ? {} : { encoding }),
  });
  return {
    ...file,
    innerName: inner,
    ...(unit === undefined ? {} : { unit }),
    ...(facts === undefined ? {} : { facts }),
  };
}

async function unpackArchive(
  archive: NamedFile,
  around: readonly Codec[],
  unpacker: Unpacker,
): Promise<UnpackedFile[]> {
  const { limit, isWanted } = unpacker;
  using zip = await openZip(archive.path, archive.name, limit);
  const unpacked: UnpackedFile[] = [];
  for (const entry of zip.entries) {
    if (isOfSystem(entry.name) || !isWanted(entry.name)) continue;
    const name = `${archive.name}/${entry.name}`;
    const { inner, layers } = layersOf(entry.name, around.length === 0 ? undefined : around);
    const [outside, inside] = splitAtArchive(layers);
    if (inside !== undefined) throw nested(name);
    unpacked.push(await unpackBytes(entry.read(), { ...archive, name, inner }, outside, unpacker));
  }
  if (unpacked.length === 0) throw noEntry(archive.name, unpacker.entries);
  return unpacked;
}

/** Files that macOS adds beside those that somebody packed. */
function isOfSystem(name: string): boolean {
  return name.startsWith("__MACOSX/") || name.split("/").at(-1) === ".DS_Store";
}

function nested(name: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `unpacking \`${name}\`: an archive within an archive is not read`, {
    hint: "set `entries` to the files that are wanted, or have them packed in one archive",
  });
}

function noEntry(name: string, pattern: string | undefined): MillraceError {
  const problem = pattern === undefined ? "the archive has no file" : `no file of the archive matches \`${pattern}\``;
  return new MillraceError("SOURCE_UNREADABLE", `unpacking \`${name}\`: ${problem}`, {
    hint: pattern === undefined ? "ask whoever makes it" : "correct `entries` of the source",
  });
}

// The files of a zip archive, one after the other. Their names are texts for people and never paths.
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { Entry, Options, ZipFile } from "yauzl";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toUnpackError } from "./unpack-stream.ts";

export interface ZipEntry {
  /** As the archive has it, such as `2026/orders.csv`. */
  readonly name: string;
  /** Packed bytes of it. */
  readonly packedBytes: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Entries that are files, in the order of the archive; each is read before the next one is asked for.
 * @param name of the archive, for messages
 * @param isWanted whether an entry of this name is to be read
 * @throws MillraceError `SOURCE_UNREADABLE` for an archive that is damaged or cut, and for an entry that is encrypted, is packed
 *   in a way that is not known, or has a name that leads out of the archive
 */
export async function* listEntries(
  path: string,
  name: string,
  isWanted: (entry: string) => boolean,
): AsyncGenerator<ZipEntry, void> {
  const zip = await openZip(path, name);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/") || isOfSystem(entry.fileName) || !isWanted(entry.fileName)) continue;
      const file = `${name}/${entry.fileName}`;
      assertPlain(entry, file);
      yield { name: entry.fileName, packedBytes: entry.compressedSize, bytes: readEntry(zip, entry, file) };
    }
  } catch (error) {
    throw toUnpackError(error, name);
  } finally {
    zip.close();
  }
}

/** What the archive says of its entries is compared with what comes out of them; names that lead elsewhere are refused. */
const options: Options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true };

/** Parts of the library that its types do not know yet. */
interface Archive extends ZipFile {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
}

async function openZip(path: string, name: string): Promise<Archive> {
  const { default: yauzl } = await import("yauzl");
  const { promise, resolve, reject } = Promise.withResolvers<ZipFile>();
  yauzl.open(path, options, (error, zip) => (error === null ? resolve(zip) : reject(error)));
  try {
    return (await promise) as Archive;
  } catch (error) {
    throw toUnpackError(error, name);
  }
}

/** Files that macOS adds beside those that somebody packed. */
function isOfSystem(name: string): boolean {
  return name.startsWith("__MACOSX/") || name.split("/").at(-1) === ".DS_Store";
}

/** @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT section 4.4.5: 0 is stored, 8 is deflated */
function assertPlain(entry: Entry, file: string): void {
  if (entry.isEncrypted()) throw refused(file, "the entry is encrypted", "deliver it without a password, or in GPG");
  if (entry.compressionMethod === 0 || entry.compressionMethod === 8) return;
  const problem = `the entry is packed by method ${entry.compressionMethod}`;
  throw refused(file, problem, "have the archive made with the method `deflate`, which every program knows");
}

function refused(file: string, problem: string, hint: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `unpacking \`${file}\`: ${problem}`, { hint });
}

/** The library looks at sizes alone, so that a stored entry with other bytes would pass. */
async function* readEntry(zip: Archive, entry: Entry, file: string): AsyncGenerator<Uint8Array, void> {
  let crc = 0;
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (crc !== entry.crc32) {
    throw refused(file, "its checksum is not that of the archive", "the file is damaged; deliver it again");
  }
}

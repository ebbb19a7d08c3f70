// The files of a zip archive. Their names are texts for people and never paths.
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { Entry, Options, ZipFile } from "yauzl";
import { MillraceError } from "../../../core/errors/errors.ts";
import { InflationLimit } from "./inflation-limit.ts";
import { toUnpackError } from "./unpack-stream.ts";

/** A file in an archive. */
export interface ZipEntry {
  /** As the archive has it, such as `2026/orders.csv`. */
  readonly name: string;
  /**
   * Its bytes, which are read one entry after the other.
   * @throws MillraceError `SOURCE_UNREADABLE` when it is damaged, encrypted, packed in a way that is not known, or grows beyond
   *   the limit
   */
  read(): AsyncIterable<Uint8Array>;
}

export interface ZipEntries extends Disposable {
  /** In the order of the archive, without folders. */
  readonly entries: readonly ZipEntry[];
}

/**
 * Finds the files of an archive.
 * @param name of the archive, for messages
 * @throws MillraceError `SOURCE_UNREADABLE` for an archive that is damaged or cut, or in which a name leads out of it
 */
export async function openZip(
  path: string,
  name: string,
  limit: InflationLimit = new InflationLimit(),
): Promise<ZipEntries> {
  const zip = await openArchive(path, name);
  const entries: ZipEntry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry;
      const file = `${name}/${fileName}`;
      if (!fileName.endsWith("/")) entries.push({ name: fileName, read: () => readEntry(zip, entry, file, limit) });
    }
  } catch (error) {
    zip.close();
    throw toUnpackError(error, name);
  }
  return { entries, [Symbol.dispose]: () => zip.close() };
}

/** What the archive says of its entries is compared with what comes out of them; names that lead elsewhere are refused. */
const options: Options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true };

/** Parts of the library that its types do not know yet. */
interface Archive extends ZipFile {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
}

async function openArchive(path: string, name: string): Promise<Archive> {
  const { default: yauzl } = await import("yauzl");
  const { promise, resolve, reject } = Promise.withResolvers<ZipFile>();
  yauzl.open(path, options, (error, zip) => (error === null ? resolve(zip) : reject(error)));
  try {
    return (await promise) as Archive;
  } catch (error) {
    throw toUnpackError(error, name);
  }
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
async function* readEntry(
  zip: Archive,
  entry: Entry,
  file: string,
  limit: InflationLimit,
): AsyncGenerator<Uint8Array, void> {
  assertPlain(entry, file);
  let crc = 0;
  let bytes = 0;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
      limit.count(file, entry.compressedSize, bytes, chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw toUnpackError(error, file);
  }
  if (crc !== entry.crc32) {
    throw refused(file, "its checksum is not that of the archive", "the file is damaged; deliver it again");
  }
}

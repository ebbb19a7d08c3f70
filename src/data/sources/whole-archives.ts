// Bytes of files, unpacked where they are compressed, so that a file that ends too early is refused. The engine reads what is
// there of a cut gzip file and says nothing, so half a delivery would be published as a whole one.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createDecoder } from "../../connections/http/content-decoders.ts";
import { InflationLimit } from "./packing/inflation-limit.ts";
import { toUnpackError } from "./packing/unpack-stream.ts";

/** Unpacks every `.gz` and `.zst` file once, without keeping anything. @throws MillraceError `SOURCE_UNREADABLE` */
export async function assertWholeArchives(files: readonly string[]): Promise<void> {
  for (const file of files.filter(isArchive)) {
    for await (const chunk of openBytes(file)) void chunk;
  }
}

/** Bytes from one place to before another. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** The unpacked bytes of a file in chunks of up to a megabyte. @param range of a file that is no archive @throws MillraceError `SOURCE_UNREADABLE` for a damaged archive */
export async function* openBytes(file: string, range?: ByteRange): AsyncGenerator<Uint8Array, void> {
  const part = range === undefined ? {} : { start: range.from, end: range.to - 1 };
  const source = createReadStream(file, { highWaterMark: 1024 * 1024, ...part });
  if (!isArchive(file)) {
    yield* source as AsyncIterable<Uint8Array>;
    return;
  }
  const decoders = createDecoder(file.toLowerCase().endsWith(".gz") ? "gzip" : "zstd") ?? [];
  const unpack = new InflationLimit().stage(file, () => source.bytesRead);
  // whoever iterates gets the error; ending early closes the file as well
  pipeline([source, ...decoders, unpack]).catch(() => undefined);
  try {
    yield* unpack as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw toUnpackError(error, file);
  }
}

/** Tells whether the file is unpacked when it is read. */
export function isArchive(file: string): boolean {
  return /\.(?:gz|zst)$/i.test(file);
}

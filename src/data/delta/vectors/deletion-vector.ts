// Reads which rows of a data file are deleted. A vector that is damaged, or that is not one of its file, is refused: rows that are gone
// must not come back.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#deletion-vectors
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { MillraceError } from "../../../core/errors/errors.ts";
import { errorCode } from "../../files/file-system.ts";
import type { AddFile, DeletionVector } from "../log/delta-actions.ts";
import { toFilePath } from "../log/delta-path.ts";
import { parseRowCount } from "../schema/delta-statistics.ts";
import { readRoaringArray } from "./roaring-bitmap.ts";
import type { RowBitmap } from "./row-bitmap.ts";
import { vectorPath } from "./vector-path.ts";
import { decodeZ85 } from "./z85.ts";

/** The deleted rows of the files that have some. */
export type DeletedRows = ReadonlyMap<AddFile, RowBitmap>;

/** @throws MillraceError `DELTA_CORRUPT` naming the data file, `SOURCE_MISSING` when the file of a vector is gone */
export async function readDeletedRows(tablePath: string, files: readonly AddFile[]): Promise<DeletedRows> {
  const deleted = new Map<AddFile, RowBitmap>();
  const withVector = files.filter((file) => file.deletionVector);
  for (let start = 0; start < withVector.length; start += batchSize) {
    const batch = withVector.slice(start, start + batchSize);
    const read = await Promise.all(batch.map((file) => readRows(tablePath, file)));
    for (const [index, file] of batch.entries()) {
      const rows = read[index];
      if (rows !== undefined) deleted.set(file, rows);
    }
  }
  return deleted;
}

/** Files that are open at the same time. */
const batchSize = 16;

async function readRows(tablePath: string, file: AddFile): Promise<RowBitmap | undefined> {
  const vector = file.deletionVector;
  if (vector === undefined || vector === null) return undefined;
  if (!(vector.sizeInBytes > 0 && vector.sizeInBytes < maxBytes)) throw corrupt(file, "the log gives it no valid size");
  const bytes = await readBytes(tablePath, file, vector);
  const rows = decode(file, bytes);
  if (rows.count !== vector.cardinality) {
    throw corrupt(file, `it has ${rows.count} of the ${vector.cardinality} rows that the log counts`);
  }
  const rowCount = parseRowCount(file.stats);
  if (rowCount !== undefined && rows.last >= rowCount) {
    throw corrupt(file, `it deletes row ${rows.last} of a file with ${rowCount} rows`);
  }
  return rows;
}

/** Sizes are written in 32 bits with a sign. */
const maxBytes = 2 ** 31;

function decode(file: AddFile, bytes: Buffer): RowBitmap {
  try {
    return readRoaringArray(bytes);
  } catch (cause) {
    throw corrupt(file, cause instanceof Error ? cause.message : String(cause));
  }
}

async function readBytes(tablePath: string, file: AddFile, vector: DeletionVector): Promise<Buffer> {
  const path = vectorPath(vector);
  if (path !== undefined) return await readFromFile(toFilePath(tablePath, path), file, vector);
  if (vector.storageType !== "i") {
    throw new MillraceError(
      "DELTA_UNSUPPORTED",
      `a deletion vector of \`${file.path}\` is stored in an unknown way, got: \`${vector.storageType}\``,
    );
  }
  const bytes = decodeZ85(vector.pathOrInlineDv);
  if (bytes === undefined || bytes.length < vector.sizeInBytes || bytes.length >= vector.sizeInBytes + 4) {
    throw corrupt(file, `it is no text for ${vector.sizeInBytes} bytes`);
  }
  return bytes.subarray(0, vector.sizeInBytes);
}

/** A file has one byte for its version, and then for each vector its size, its bytes and their checksum. */
async function readFromFile(path: string, file: AddFile, { offset, sizeInBytes }: DeletionVector): Promise<Buffer> {
  const found = Buffer.alloc(sizeInBytes + 8);
  const start = offset ?? 1;
  const bytesRead = await readAt(path, found, start);
  if (bytesRead < found.length) throw corrupt(file, `\`${path}\` ends before it does`);
  const bytes = found.subarray(4, 4 + sizeInBytes);
  if (found.readUInt32BE(0) !== sizeInBytes) throw corrupt(file, `\`${path}\` has another size for it than the log`);
  if (found.readUInt32BE(4 + sizeInBytes) !== crc32(bytes)) throw corrupt(file, `its checksum in \`${path}\` is wrong`);
  return bytes;
}

async function readAt(path: string, into: Buffer, start: number): Promise<number> {
  try {
    await using handle = await open(path, "r");
    return (await handle.read(into, 0, into.length, start)).bytesRead;
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") {
      throw new MillraceError("SOURCE_MISSING", `the file of a deletion vector is gone: \`${path}\``, { cause });
    }
    throw new MillraceError("TARGET_UNREADABLE", `reading \`${path}\`: ${errorCode(cause) ?? ""}`, { cause });
  }
}

function corrupt(file: AddFile, what: string): MillraceError {
  return new MillraceError("DELTA_CORRUPT", `the deletion vector of \`${file.path}\` is damaged: ${what}`, {
    hint: "restore the file of the vector from a copy; without it nobody knows which rows are deleted",
  });
}

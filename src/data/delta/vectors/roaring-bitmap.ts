// Reads the portable form of a `RoaringBitmapArray`: one 32-bit Roaring bitmap for each value of the upper half of the numbers. Bytes
// that are not exactly such a form are refused, since a bit that is missed is a deleted row that comes back.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#deletion-vector-format
// @see https://github.com/RoaringBitmap/RoaringFormatSpec
import { RowBitmap } from "./row-bitmap.ts";

/** @throws Error saying what is wrong with the bytes */
export function readRoaringArray(bytes: Buffer): RowBitmap {
  const reader = new Reader(bytes);
  if (reader.uint32() !== portableMagic) throw new Error("it has no magic number of the portable form");
  const buckets = reader.uint64();
  const rows = new RowBitmap();
  let before = -1;
  for (let index = 0; index < buckets; index += 1) {
    const key = reader.uint32();
    if (key <= before || key > maxKey) throw new Error("its buckets are not in order");
    before = key;
    readBitmap(reader, key * 2 ** 32, rows);
  }
  if (reader.left > 0) throw new Error(`${reader.left} bytes follow its end`);
  return rows;
}

const portableMagic = 1_681_511_377;

/** Row numbers stay whole in a double. */
const maxKey = 2 ** 21 - 1;

const cookieWithoutRuns = 12_346;
const cookieWithRuns = 12_347;
/** From so many containers on, a bitmap with runs has their places, too. */
const minContainersForPlaces = 4;
const maxArrayLength = 4096;

interface Container {
  readonly key: number;
  readonly cardinality: number;
  readonly isRuns: boolean;
}

function readBitmap(reader: Reader, base: number, rows: RowBitmap): void {
  for (const { key, cardinality, isRuns } of readContainers(reader)) {
    const first = base + key * 65_536;
    const before = rows.count;
    if (isRuns) readRuns(reader, first, rows);
    else if (cardinality <= maxArrayLength) readArray(reader, first, cardinality, rows);
    else readBits(reader, first, rows);
    if (rows.count - before !== cardinality) throw new Error("a container has not the rows that it counts");
  }
}

/** The heads of all containers; what they hold follows. */
function readContainers(reader: Reader): readonly Container[] {
  const cookie = reader.uint32();
  const hasRuns = (cookie & 0xff_ff) === cookieWithRuns;
  if (!hasRuns && cookie !== cookieWithoutRuns) throw new Error("it has no cookie of a Roaring bitmap");
  const count = hasRuns ? (cookie >>> 16) + 1 : reader.uint32();
  if (count > 65_536) throw new Error("it has too many containers");
  const runs = hasRuns ? reader.bytes(Math.ceil(count / 8)) : Buffer.alloc(Math.ceil(count / 8));
  const containers: Container[] = [];
  for (let index = 0; index < count; index += 1) {
    const [key, cardinality] = [reader.uint16(), reader.uint16() + 1];
    if (key <= (containers.at(-1)?.key ?? -1)) throw new Error("its containers are not in order");
    containers.push({ key, cardinality, isRuns: ((runs[index >> 3] ?? 0) & (1 << (index & 7))) !== 0 });
  }
  if (!hasRuns || count >= minContainersForPlaces) reader.bytes(count * 4);
  return containers;
}

function readArray(reader: Reader, first: number, length: number, rows: RowBitmap): void {
  let before = -1;
  for (let index = 0; index < length; index += 1) {
    const value = reader.uint16();
    if (value <= before) throw new Error("its rows are not in order");
    rows.addRange(first + value, 1);
    before = value;
  }
}

function readRuns(reader: Reader, first: number, rows: RowBitmap): void {
  const count = reader.uint16();
  let end = 0;
  for (let index = 0; index < count; index += 1) {
    const [start, length] = [reader.uint16(), reader.uint16() + 1];
    if (start < end || start + length > 65_536) throw new Error("its runs are not in order");
    rows.addRange(first + start, length);
    end = start + length;
  }
}

function readBits(reader: Reader, first: number, rows: RowBitmap): void {
  for (const [index, byte] of reader.bytes(8192).entries()) {
    for (let bit = 0; byte >> bit > 0; bit += 1) {
      if ((byte & (1 << bit)) !== 0) rows.addRange(first + index * 8 + bit, 1);
    }
  }
}

/** Numbers with the lowest byte first; reading over the end throws. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new Error("it ends before its rows do");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint16(): number {
    return this.bytes(2).readUInt16LE();
  }

  uint32(): number {
    return this.bytes(4).readUInt32LE();
  }

  uint64(): number {
    return Number(this.bytes(8).readBigUInt64LE());
  }
}

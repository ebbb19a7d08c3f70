// Records as the bytes of a block: how the embedded log, dead letters and parked records keep them.
// Layout: a byte that says how the rest is compressed; then the count, a base time, and for each record its time from there, key,
// value and headers. What was written once must be readable for ever, so another layout gets another first byte.
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { MillraceError } from "../../core/errors/errors.ts";
import { findPayloadHashes } from "../../core/stream/payload-token.ts";
import type { RecordBlock, StoredBlock } from "../../core/stream/stream-ledger.ts";
import {
  type LogRecord,
  type NewRecord,
  type PartitionRecords,
  type RecordHeader,
  sizeOfRecord,
} from "../../core/stream/stream-record.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

const plain = 0;
const zstd = 1;

/** Smaller blocks are not worth the time. */
const compressedFromBytes = 512;
/** A block that a reader has in hand as a whole. */
const maxBlockBytes = 1024 * 1024;
const maxBlockRecords = 5_000;

/** The records of each part in blocks, in their order. A record that is larger than a block has one of its own. */
export function toBlocks(parts: readonly PartitionRecords[]): readonly RecordBlock[] {
  return parts.flatMap(({ partition, records }) => {
    const blocks: RecordBlock[] = [];
    for (let from = 0; from < records.length;) {
      let bytes = 0;
      let to = from;
      while (to < records.length && to - from < maxBlockRecords) {
        const size = sizeAt(records, to);
        if (to > from && bytes + size > maxBlockBytes) break;
        bytes += size;
        to += 1;
      }
      blocks.push(toBlock(partition, records.slice(from, to), bytes));
      from = to;
    }
    return blocks;
  });
}

function sizeAt(records: readonly NewRecord[], index: number): number {
  const record = records[index];
  return record === undefined ? 0 : sizeOfRecord(record);
}

function toBlock(partition: number, records: readonly NewRecord[], bytes: number): RecordBlock {
  let minTimeMs = Infinity;
  let maxTimeMs = -Infinity;
  for (const { timeMs } of records) {
    if (timeMs < minTimeMs) minTimeMs = timeMs;
    if (timeMs > maxTimeMs) maxTimeMs = timeMs;
  }
  const payload = encodeRecords(records, bytes);
  const hashes = hashesOf(records);
  const named = hashes.length === 0 ? {} : { hashes };
  return { partition, count: records.length, bytes, minTimeMs, maxTimeMs, payload, ...named };
}

/** What values name of the payload store, each once. */
function hashesOf(records: readonly NewRecord[]): readonly string[] {
  let found: Set<string> | undefined;
  for (const { value } of records) {
    if (value === null) continue;
    for (const hash of findPayloadHashes(value)) (found ??= new Set()).add(hash);
  }
  return found === undefined ? [] : [...found];
}

/** One record as a block, for what is set aside. */
export function encodeRecord(record: NewRecord): Uint8Array {
  return encodeRecords([record], sizeOfRecord(record));
}

/** Some records as one block, however large. */
export function encodeTogether(records: readonly NewRecord[]): Uint8Array {
  return encodeRecords(
    records,
    records.reduce((sum, record) => sum + sizeOfRecord(record), 0),
  );
}

function encodeRecords(records: readonly NewRecord[], bytes: number): Uint8Array {
  const writer = new ByteWriter(bytes + records.length * 12 + 32);
  writer.number(plain);
  writer.number(records.length);
  const base = records[0]?.timeMs ?? 0;
  writer.signed(base);
  for (const { timeMs, key, value, headers } of records) {
    writer.signed(timeMs - base);
    writer.bytes(key);
    writer.bytes(value);
    writer.number(headers.length);
    for (const header of headers) {
      writer.bytes(Buffer.from(header.name));
      writer.bytes(header.value);
    }
  }
  const written = writer.written();
  if (written.byteLength < compressedFromBytes) return written;
  const compressed = zstdCompressSync(written.subarray(1), { params: compression });
  return compressed.byteLength < written.byteLength * 0.9 ? Buffer.concat([zstdMark, compressed]) : written;
}

const zstdMark = Uint8Array.of(zstd);

const compression = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };

const noHeaders: readonly RecordHeader[] = [];

/**
 * The records of a block from the offset `from` on. Keys, values and headers are slices of one buffer: who keeps one of them for
 * long copies it. @throws MillraceError `STORE_CORRUPT`
 */
export function decodeBlock({ payload, firstOffset, count }: StoredBlock, from: number = firstOffset): LogRecord[] {
  try {
    const reader = new ByteReader(toBody(payload));
    const records: LogRecord[] = [];
    if (reader.number() !== count) throw new RangeError("the block holds another number of records");
    const base = reader.signed();
    for (let offset = firstOffset; offset < firstOffset + count; offset += 1) {
      const timeMs = base + reader.signed();
      const record = { offset, timeMs, key: reader.bytes(), value: reader.bytes(), headers: readHeaders(reader) };
      if (offset >= from) records.push(record);
    }
    return records;
  } catch (cause) {
    throw new MillraceError(
      "STORE_CORRUPT",
      `a block of records cannot be read, its first offset is: \`${firstOffset}\``,
      {
        hint: "its bytes are not those that were written; restore the store from a backup, or move the groups past it",
        cause,
      },
    );
  }
}

/** What `encodeRecord` made. @throws MillraceError `STORE_CORRUPT` */
export function decodeRecord(payload: Uint8Array, offset: number): LogRecord {
  const [record] = decodeBlock({ payload, firstOffset: offset, count: 1 });
  if (record !== undefined) return record;
  throw new MillraceError("STORE_CORRUPT", `a record that was set aside cannot be read, its offset is: \`${offset}\``);
}

function toBody(payload: Uint8Array): Buffer {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const [mark] = bytes;
  if (mark === plain) return bytes.subarray(1);
  if (mark === zstd) return zstdDecompressSync(bytes.subarray(1));
  throw new RangeError(`unknown layout ${mark}`);
}

function readHeaders(reader: ByteReader): readonly RecordHeader[] {
  const count = reader.number();
  if (count === 0) return noHeaders;
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index += 1) {
    headers.push({ name: reader.bytes()?.toString("utf8") ?? "", value: reader.bytes() });
  }
  return headers;
}

// The batches in which Kafka keeps records (format 2): written with a producer's sequence, read one record after the other.
// @see https://kafka.apache.org/documentation/#recordbatch
import type { LogRecord, NewRecord, RecordHeader } from "../../../core/stream/stream-record.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter, sizeOfSigned } from "./byte-writer.ts";

/** Who writes a batch; what makes one that comes twice known to the broker. */
export interface BatchProducer {
  readonly id: number;
  readonly epoch: number;
  /** Of the first record, within the partition. */
  readonly sequence: number;
  readonly isTransactional: boolean;
}

/** What stands before the records of a batch. */
export interface BatchHead {
  readonly firstOffset: number;
  /** One past the last offset that the batch had when it was written; compaction may have taken records out. */
  readonly nextOffset: number;
  /** 0: none. */
  readonly compression: number;
  readonly isTransactional: boolean;
  /** Holds no records of anybody, but the end of a transaction. */
  readonly isControl: boolean;
  /** Times are when the broker got them. */
  readonly isAppendTime: boolean;
  readonly firstTimeMs: number;
  readonly maxTimeMs: number;
  readonly producerId: number;
  readonly count: number;
  /** Of the records in the bytes that the head was read from: [bodyAt, endAt). */
  readonly bodyAt: number;
  readonly endAt: number;
}

const headBytes = 61;
const lengthEndsAt = 12;
const crcAt = 17;
const attributesAt = 21;
const transactional = 0x10;

/** The head at a place. `undefined`: the bytes end before the batch does, as they may at the end of an answer. */
export function readHead(bytes: Buffer, at: number): BatchHead | undefined {
  if (bytes.length - at < headBytes) return undefined;
  const reader = new ByteReader(bytes, at);
  const firstOffset = reader.int64();
  const endAt = at + lengthEndsAt + reader.int32();
  if (endAt > bytes.length) return undefined;
  reader.position = at + attributesAt;
  const attributes = reader.int16();
  const nextOffset = firstOffset + reader.int32() + 1;
  const firstTimeMs = reader.int64();
  const maxTimeMs = reader.int64();
  const producerId = reader.int64();
  reader.position += 6;
  return {
    firstOffset,
    nextOffset,
    compression: attributes & 0x07,
    isAppendTime: (attributes & 0x08) !== 0,
    isTransactional: (attributes & transactional) !== 0,
    isControl: (attributes & 0x20) !== 0,
    firstTimeMs,
    maxTimeMs,
    producerId,
    count: reader.int32(),
    bodyAt: reader.position,
    endAt,
  };
}

/** One record of a body that is not compressed any more. */
export function readRecord(reader: ByteReader, head: BatchHead): LogRecord {
  const length = reader.signed();
  const end = reader.position + length;
  reader.position += 1;
  const timeMs = head.firstTimeMs + reader.signed();
  const offset = head.firstOffset + reader.signed();
  const key = reader.sized();
  const value = reader.sized();
  const headers = readHeaders(reader);
  reader.position = end;
  return { offset, key, value, headers, timeMs: head.isAppendTime ? head.maxTimeMs : timeMs };
}

/** Whether a control batch ends its transaction by throwing it away. */
export function isAbortMarker(bytes: Buffer, head: BatchHead): boolean {
  const { key } = readRecord(new ByteReader(bytes, head.bodyAt), head);
  return key !== null && key.byteLength >= 4 && Buffer.from(key).readInt16BE(2) === 0;
}

/** A batch as it is sent; the broker gives it its offsets. @param crc32c of bytes, unsigned */
export function writeBatch(
  records: readonly NewRecord[],
  producer: BatchProducer,
  crc32c: (bytes: Uint8Array) => number,
): Buffer {
  const firstTimeMs = records[0]?.timeMs ?? 0;
  let maxTimeMs = firstTimeMs;
  for (const { timeMs } of records) if (timeMs > maxTimeMs) maxTimeMs = timeMs;
  const writer = new ByteWriter(headBytes + records.reduce((sum, record) => sum + sizeInBatch(record), 0));
  writer.int64(0);
  writer.int32(0);
  writer.int32(-1);
  writer.int8(2);
  writer.int32(0);
  writer.int16(producer.isTransactional ? transactional : 0);
  writer.int32(records.length - 1);
  writer.int64(firstTimeMs);
  writer.int64(maxTimeMs);
  writer.int64(producer.id);
  writer.int16(producer.epoch);
  writer.int32(producer.sequence);
  writer.int32(records.length);
  for (const [index, record] of records.entries()) writeRecord(writer, record, index, record.timeMs - firstTimeMs);
  writer.int32At(8, writer.length - lengthEndsAt);
  writer.int32At(crcAt, crc32c(writer.done().subarray(attributesAt)));
  return writer.done();
}

/** At most that many bytes are added to a batch by a record. */
export function sizeInBatch(record: NewRecord): number {
  let bytes = 32 + (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
  for (const { name, value } of record.headers) bytes += 10 + Buffer.byteLength(name) + (value?.byteLength ?? 0);
  return bytes;
}

/** Bytes of a batch besides those of its records. */
export const batchOverheadBytes: number = headBytes;

function writeRecord(writer: ByteWriter, record: NewRecord, index: number, timeDelta: number): void {
  const headers = record.headers.map(({ name, value }) => ({ name: Buffer.from(name), value }));
  let length = 1 + sizeOfSigned(timeDelta) + sizeOfSigned(index) + sizeOfSized(record.key) + sizeOfSized(record.value);
  length += sizeOfSigned(headers.length);
  for (const { name, value } of headers) length += sizeOfSized(name) + sizeOfSized(value);
  writer.signed(length);
  writer.int8(0);
  writer.signed(timeDelta);
  writer.signed(index);
  writer.sized(record.key);
  writer.sized(record.value);
  writer.signed(headers.length);
  for (const { name, value } of headers) {
    writer.sized(name);
    writer.sized(value);
  }
}

function sizeOfSized(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfSigned(bytes.byteLength) + bytes.byteLength;
}

const noHeaders: readonly RecordHeader[] = [];

function readHeaders(reader: ByteReader): readonly RecordHeader[] {
  const count = reader.signed();
  if (count === 0) return noHeaders;
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index += 1) {
    headers.push({ name: reader.sized()?.toString() ?? "", value: reader.sized() });
  }
  return headers;
}

// Walks through the batches of one answer and gives the records that readers may see: of finished transactions only. What was
// thrown away is told by the broker as (producer, first offset); it holds up to that producer's next abort marker and no further.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { LogRecord } from "../../../core/stream/stream-record.ts";
import { ByteReader } from "./byte-reader.ts";
import { type BatchHead, isAbortMarker, readHead, readRecord } from "./record-batch.ts";

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Decompresses the body of a batch. @throws for a kind that is not known */
export type Unpack = (compression: number, body: Buffer) => Buffer;

interface OpenBatch {
  readonly head: BatchHead;
  readonly reader: ByteReader;
  /** Records that were not read yet. */
  left: number;
}

/** What an answer holds of one partition, read piece by piece. */
export class CommittedRecords {
  /** Where the next piece begins: past all that was looked at. */
  next: number;
  /** Where `next` is when nothing is left. */
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #unpack: Unpack;
  /** By first offset, those not reached yet. */
  readonly #aborted: AbortedTransaction[];
  /** Producers inside a transaction that was thrown away. */
  readonly #discarding = new Set<number>();
  #at = 0;
  #batch: OpenBatch | undefined;

  constructor(from: number, bytes: Buffer, aborted: readonly AbortedTransaction[], unpack: Unpack) {
    this.next = from;
    this.#bytes = bytes;
    this.#unpack = unpack;
    this.end = endOf(bytes, from);
    this.#aborted = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether nothing is left. */
  get isDone(): boolean {
    return this.#batch === undefined && readHead(this.#bytes, this.#at) === undefined;
  }

  /** Bytes that are held while something is left. */
  get bytes(): number {
    return this.#bytes.length;
  }

  /** Records before `to`, at least one where there is one and no more than `maxBytes` by size. */
  take(to: number, maxBytes: number): LogRecord[] {
    const records: LogRecord[] = [];
    let room = maxBytes;
    while (this.next < to && room > 0) {
      this.#batch ??= this.#enterBatch();
      if (this.#batch === undefined) break;
      room = this.#takeOfBatch(this.#batch, to, room, records);
    }
    return records;
  }

  #takeOfBatch(batch: OpenBatch, to: number, room: number, into: LogRecord[]): number {
    const { head, reader } = batch;
    let left = room;
    while (batch.left > 0) {
      const start = reader.position;
      const record = readRecord(reader, head);
      if (record.offset >= to) {
        reader.position = start;
        this.next = to;
        return left;
      }
      const size = reader.position - start;
      if (size > left && into.length > 0) {
        reader.position = start;
        return 0;
      }
      batch.left -= 1;
      // The batch may begin before the offset that was asked for.
      if (record.offset < this.next) continue;
      this.next = record.offset + 1;
      into.push(record);
      left -= size;
    }
    this.next = Math.max(this.next, head.nextOffset);
    this.#batch = undefined;
    return left;
  }

  /** The next batch with records to give; markers and what was thrown away are passed. */
  #enterBatch(): OpenBatch | undefined {
    for (;;) {
      const head = readHead(this.#bytes, this.#at);
      if (head === undefined) return undefined;
      this.#at = head.endAt;
      if (!this.#isHidden(head)) return this.#open(head);
      this.next = Math.max(this.next, head.nextOffset);
    }
  }

  #isHidden(head: BatchHead): boolean {
    while (this.#aborted[0] !== undefined && this.#aborted[0].firstOffset < head.nextOffset) {
      this.#discarding.add(this.#aborted[0].producerId);
      this.#aborted.shift();
    }
    if (head.isControl) {
      if (isAbortMarker(this.#bytes, head)) this.#discarding.delete(head.producerId);
      return true;
    }
    return head.isTransactional && this.#discarding.has(head.producerId);
  }

  #open(head: BatchHead): OpenBatch | undefined {
    const body = this.#bytes.subarray(head.bodyAt, head.endAt);
    try {
      const reader = new ByteReader(head.compression === 0 ? body : this.#unpack(head.compression, body));
      return { head, reader, left: head.count };
    } catch (cause) {
      throw new MillraceError("FORMAT_INVALID", `a batch at offset ${head.firstOffset} cannot be decompressed`, {
        cause,
      });
    }
  }
}

function endOf(bytes: Buffer, from: number): number {
  let end = from;
  for (let head = readHead(bytes, 0); head !== undefined; head = readHead(bytes, head.endAt)) end = head.nextOffset;
  return Math.max(from, end);
}

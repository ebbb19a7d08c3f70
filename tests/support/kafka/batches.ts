// Batches as a partition of Kafka holds them, with the markers that end transactions; what brokers do to a batch when they take it.
import { crc32c } from "@platformatic/kafka";
import type { NewRecord } from "../../../src/core/stream/stream-record.ts";
import { writeBatch } from "../../../src/stream/kafka/wire/record-batch.ts";

export function record(value: string, key: string | null = null, timeMs = Date.now()): NewRecord {
  return { key: key === null ? null : Buffer.from(key), value: Buffer.from(value), headers: [], timeMs };
}

/** Builds the bytes of a partition, one batch after the other. */
export class PartitionBytes {
  readonly batches: Buffer[] = [];
  next = 0;

  /** @param producer of the transaction they belong to; undefined: none */
  add(values: readonly string[], producer?: number): this {
    const records = values.map((value) => record(value));
    const batch = writeBatch(
      records,
      { id: producer ?? -1, epoch: 0, sequence: 0, isTransactional: producer !== undefined },
      crc32c,
    );
    return this.#place(batch, values.length);
  }

  end(producer: number, kind: "commit" | "abort"): this {
    const key = Buffer.from([0, 0, 0, kind === "commit" ? 1 : 0]);
    const marker = { key, value: Buffer.alloc(6), headers: [], timeMs: 1_000 };
    const batch = writeBatch([marker], { id: producer, epoch: 0, sequence: -1, isTransactional: true }, crc32c);
    batch.writeInt16BE(0x30, 21);
    return this.#place(batch, 1);
  }

  bytes(): Buffer {
    return Buffer.concat(this.batches);
  }

  #place(batch: Buffer, count: number): this {
    batch.writeBigInt64BE(BigInt(this.next), 0);
    this.batches.push(batch);
    this.next += count;
    return this;
  }
}

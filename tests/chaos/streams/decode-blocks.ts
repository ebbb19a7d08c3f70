// The records in the blocks of the embedded log, decoded without the product.
import { zstdDecompressSync } from "node:zlib";

/** A record as it lies in a topic. */
export interface LaidRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly n: number;
}

/** One block of records as its row has it. */
export interface BlockRow {
  readonly partition: number;
  readonly first_offset: number | string;
  readonly record_count: number;
  readonly payload: Uint8Array;
}

/** The blocks of a topic from an offset of a partition on. */
export const blocksSql = (topic: string, partition: number, from: number): string =>
  `select b.partition, b.first_offset, b.record_count, b.payload from stream_block b join stream_topic t on t.id = b.topic_id
  where t.name = '${topic}' and b.partition = ${partition} and b.first_offset >= ${from} order by b.first_offset limit 200`;

/** The records of a block. @throws Error when it does not hold as many as its row says */
export function decodeBlock({ partition, first_offset: first, record_count: count, payload }: BlockRow): LaidRecord[] {
  const next = readerOf(payload);
  if (next.number() !== count) throw new Error(`the block at ${first} has another number of records`);
  next.number();
  return Array.from({ length: count }, (_, index): LaidRecord => {
    next.number();
    const key = next.text();
    const { n } = JSON.parse(next.text()) as { readonly n: number };
    // Of each header the name and the value.
    for (let texts = next.number() * 2; texts > 0; texts -= 1) next.text();
    return { partition, offset: Number(first) + index, key, n };
  });
}

/** Numbers are seven bits a byte, the least first; bytes come behind their count plus one. */
function readerOf(payload: Uint8Array): { readonly number: () => number; readonly text: () => string } {
  const bytes = Buffer.from(payload);
  const body = bytes[0] === 1 ? zstdDecompressSync(bytes.subarray(1)) : bytes.subarray(1);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const size = Math.max(0, number() - 1);
    at += size;
    return body.toString("utf8", at - size, at);
  };
  return { number, text };
}

// Which partition a record goes to: that of its key, in every log the same.
import type { NewRecord, PartitionRecords } from "../../core/stream/stream-record.ts";
import { murmur2 } from "./murmur2.ts";

/** As Kafka's Java client has it, an empty key included. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/**
 * The records by partition, in their order. Those without a key stay together and go to `keyless`, modulo the partitions: a caller
 * counts it up from call to call to spread them, and gives the same number when it tries a call again.
 */
export function partitionRecords(
  records: readonly NewRecord[],
  partitions: number,
  keyless: number,
): readonly PartitionRecords[] {
  const found = new Map<number, NewRecord[]>();
  for (const record of records) {
    const partition = record.key === null ? keyless % partitions : partitionOfKey(record.key, partitions);
    const known = found.get(partition);
    if (known === undefined) found.set(partition, [record]);
    else known.push(record);
  }
  return [...found].map(([partition, own]) => ({ partition, records: own }));
}

// Brings records to their partitions: those of a key always to the same one.
import type { NewRecord, PartitionRecords } from "../../core/stream/stream-record.ts";
import { partitionOf } from "../embedded/partition-of.ts";

/**
 * The records by partition, in their order. Those without a key are dealt out one by one.
 * @param first partition that the first record without a key goes to
 */
export function toParts(records: readonly NewRecord[], partitions: number, first: number): readonly PartitionRecords[] {
  if (partitions === 1) return records.length === 0 ? [] : [{ partition: 0, records }];
  const parts = new Map<number, NewRecord[]>();
  let spread = first;
  for (const record of records) {
    const partition = record.key === null ? (spread += 1) % partitions : partitionOf(record.key, partitions);
    const part = parts.get(partition);
    if (part === undefined) parts.set(partition, [record]);
    else part.push(record);
  }
  return [...parts]
    .toSorted(([a], [b]) => a - b)
    .map(([partition, inPartition]) => ({ partition, records: inPartition }));
}

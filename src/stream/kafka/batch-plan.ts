// Cuts records into the batches that are sent, each of one partition and within its limit, and finds back whose offsets are whose.
import { MillraceError } from "../../core/errors/errors.ts";
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import type { NewRecord, PartitionRecords } from "../../core/stream/stream-record.ts";
import { batchOverheadBytes, sizeInBatch } from "./wire/record-batch.ts";

/** Records that become one batch. */
export interface PlannedBatch {
  /** As the cluster names it. */
  readonly topic: string;
  readonly partition: number;
  readonly records: NewRecord[];
  bytes: number;
  /** The offset of its first record, once it was sent. */
  firstOffset: number;
}

/** A stretch of a batch that belongs to one append. */
interface Share {
  readonly batch: PlannedBatch;
  readonly from: number;
  count: number;
}

export type Shares = readonly Share[];

export class BatchPlan {
  readonly batches: PlannedBatch[] = [];
  readonly #open = new Map<string, PlannedBatch>();

  get bytes(): number {
    return this.batches.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether some batch holds no record of that time or a later one. */
  isBefore(timeMs: number): boolean {
    return this.batches.some(({ records }) => records.every((record) => record.timeMs < timeMs));
  }

  /** @param maxBatchBytes that the topic takes @throws MillraceError `RECORD_TOO_LARGE`; nothing was added then */
  add(topic: string, parts: readonly PartitionRecords[], maxBatchBytes: number): Shares {
    for (const { records } of parts) for (const record of records) assertFits(topic, record, maxBatchBytes);
    return parts.flatMap((part) => this.#addPart(topic, part, maxBatchBytes));
  }

  #addPart(topic: string, { partition, records }: PartitionRecords, maxBatchBytes: number): Share[] {
    const shares: Share[] = [];
    for (const record of records) {
      const bytes = sizeInBatch(record);
      const batch = this.#batchFor(topic, partition, bytes, maxBatchBytes);
      const last = shares.at(-1);
      if (last?.batch === batch) last.count += 1;
      else shares.push({ batch, from: batch.records.length, count: 1 });
      batch.records.push(record);
      batch.bytes += bytes;
    }
    return shares;
  }

  #batchFor(topic: string, partition: number, bytes: number, maxBatchBytes: number): PlannedBatch {
    const place = `${partition}/${topic}`;
    const open = this.#open.get(place);
    if (open !== undefined && open.bytes + bytes <= maxBatchBytes) return open;
    const batch: PlannedBatch = { topic, partition, records: [], bytes: batchOverheadBytes, firstOffset: -1 };
    this.#open.set(place, batch);
    this.batches.push(batch);
    return batch;
  }
}

/** What an append got, a range for each batch that it has a share of. */
export function rangesOf(shares: Shares): AppendedRange[] {
  return shares.map(({ batch, from, count }) => ({
    partition: batch.partition,
    from: batch.firstOffset + from,
    to: batch.firstOffset + from + count,
  }));
}

function assertFits(topic: string, record: NewRecord, maxBatchBytes: number): void {
  const bytes = batchOverheadBytes + sizeInBatch(record);
  if (bytes <= maxBatchBytes) return;
  throw new MillraceError(
    "RECORD_TOO_LARGE",
    `topic \`${topic}\` takes records of at most ${maxBatchBytes} bytes, got: \`${bytes}\``,
    {
      hint: "set `claimCheck` for the topic, or raise its `max.message.bytes`",
      details: { topic, maxBytes: maxBatchBytes, bytes },
    },
  );
}

// Makes a delivery of what handled records left. In a log of the store what was produced is part of it; another log gets it before,
// so that it may come twice when the process dies in between, and is never missing.
import type { BlockAppend, Delivery, PartitionDelivery } from "../../core/stream/stream-ledger.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { NewRecord, PartitionRecords } from "../../core/stream/stream-record.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import type { Topic } from "../../core/stream/topic.ts";
import type { TopicBook } from "../produce/topic-book.ts";
import { partitionRecords } from "../records/partition-records.ts";
import { toBlocks } from "../records/record-block.ts";
import type { Effects, ProducedRecord } from "./effects.ts";

/** @param upTo where the partition goes */
export type DeliveryOf = (
  effects: Effects,
  partitions: readonly PartitionDelivery[],
  upTo: number,
) => Promise<Delivery>;

export interface DeliveryParts {
  readonly group: string;
  readonly log: StreamLog;
  readonly topics: TopicBook;
  readonly payloads: Pick<StreamPayloads, "checkIn">;
}

/** Of the deliveries of a group's member. */
export function createDeliveryOf({ group, log, topics, payloads }: DeliveryParts): DeliveryOf {
  return async (effects, partitions, upTo) => {
    const { produced, deadLetters, parked, unparked, reparked } = effects;
    const found: Produced[] = [];
    for (const [topic, given] of byTopic(produced)) {
      const records = await payloads.checkIn(given, topic.claimCheckAboveBytes);
      const state = await topics.find(topic);
      found.push({ state, parts: partitionRecords(records, state.bounds.length, upTo) });
    }
    const appends = log.kind === "embedded" ? found.map(toAppend) : [];
    if (log.kind !== "embedded") await appendBefore(log, found, `${group}/${partitions[0]?.partition ?? 0}`, upTo);
    return { group, partitions, appends, deadLetters, parked, unparked, reparked };
  };
}

interface Produced {
  readonly state: TopicState;
  readonly parts: readonly PartitionRecords[];
}

function byTopic(produced: readonly ProducedRecord[]): ReadonlyMap<Topic, readonly NewRecord[]> {
  const records = new Map<Topic, NewRecord[]>();
  for (const { topic, record } of produced) {
    const known = records.get(topic);
    if (known === undefined) records.set(topic, [record]);
    else known.push(record);
  }
  return records;
}

function toAppend({ state, parts }: Produced): BlockAppend {
  return { topicId: state.id, blocks: toBlocks(parts) };
}

async function appendBefore(
  log: StreamLog,
  produced: readonly Produced[],
  producer: string,
  sequence: number,
): Promise<void> {
  for (const { state, parts } of produced) {
    if (parts.length > 0) await log.append({ topic: state, parts, mark: { producer, sequence } });
  }
}

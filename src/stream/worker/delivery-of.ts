// Makes a delivery of what handled records left. In a log of the store what was produced is part of it. A log with transactions of its
// own gets it before, together with the position, which the store's follows; a log without may have it twice, and never misses it.
import type { BlockAppend, Delivery, GroupLedger, PartitionDelivery } from "../../core/stream/stream-ledger.ts";
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
  /**
   * The topic that is read. Undefined: several, whose group keeps more in the store than offsets, so no transaction of the log holds all
   * of it, and what is produced into another log may come twice.
   */
  readonly from: string | undefined;
  readonly ledger: Pick<GroupLedger, "deliver">;
  readonly log: StreamLog;
  readonly topics: TopicBook;
  readonly payloads: Pick<StreamPayloads, "checkIn">;
}

/** Of the deliveries of a group's member. */
export function createDeliveryOf(parts: DeliveryParts): DeliveryOf {
  const { group, from, log, topics, payloads } = parts;
  return async (effects, partitions, upTo) => {
    const { produced, deadLetters, parked, unparked, reparked } = effects;
    const found: Produced[] = [];
    for (const [topic, given] of byTopic(produced)) {
      const records = await payloads.checkIn(given, topic.claimCheckAboveBytes);
      const state = await topics.find(topic);
      found.push({ state, parts: partitionRecords(records, state.bounds.length, upTo) });
    }
    const delivery = { group, partitions, appends: [], deadLetters, parked, unparked, reparked };
    if (log.kind === "embedded") return { ...delivery, appends: found.map(toAppend) };
    if (found.length === 0) return delivery;
    if (log.deliverProduced === undefined || from === undefined) {
      await appendBefore(log, found, `${group}/${partitions[0]?.partition ?? 0}`, upTo);
      return delivery;
    }
    return await deliverBefore({ ...parts, from }, delivery, found);
  };
}

// When the process dies behind the log's transaction, the next owner goes on behind these records: what was set aside of them must be
// there by then. What was parked and is done now is taken out behind it, so that it is not lost.
async function deliverBefore(
  { group, from, ledger, log }: DeliveryParts & { readonly from: string },
  delivery: Delivery,
  produced: readonly Produced[],
): Promise<Delivery> {
  const { partitions, deadLetters, parked } = delivery;
  if (deadLetters.length + parked.length > 0) {
    const staying = partitions.map(stayingWhereItIs);
    await ledger.deliver({ ...delivery, partitions: staying, unparked: [], reparked: [] });
  }
  const appends = produced.map(({ state, parts }) => ({ topic: state, parts }));
  for (const { partition, moves } of partitions) {
    const moved = moves.map((move) => ({
      topic: { name: from, id: move.topicId },
      partition,
      from: move.from,
      to: move.to,
    }));
    await log.deliverProduced?.({ place: { group, partition }, moves: moved, appends });
  }
  return { ...delivery, deadLetters: [], parked: [] };
}

// What is in hand stays there, so that a record that ends its process is found.
function stayingWhereItIs({ moves, ...holding }: PartitionDelivery): PartitionDelivery {
  return {
    ...holding,
    moves: moves.map(({ handTo, to, ...move }) => ({ ...move, to: move.from, handTo: Math.max(handTo ?? to, to) })),
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

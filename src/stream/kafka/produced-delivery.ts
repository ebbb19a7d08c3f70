// Kafka to Kafka exactly once: records and the positions behind what they were made of are one transaction of Kafka. The position in
// the store follows; when a process ends between the two, the next owner finds here how far its predecessor came.
import { MillraceError } from "../../core/errors/errors.ts";
import type { AppendedRange, GroupPlace, LogPosition, ProducedDelivery } from "../../core/stream/stream-log.ts";
import { BatchPlan, rangesOf } from "./batch-plan.ts";
import { deliveredGroupOf, findGroupOffsets } from "./group-offsets.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";
import type { RecordAppender } from "./record-appender.ts";
import { TransactionalProducer } from "./transactional-producer.ts";

export class DeliveryWriter {
  readonly #cluster: KafkaCluster;
  readonly #appender: RecordAppender;
  /** Of the partitions that were taken over, by group and partition. */
  readonly #producers = new Map<string, TransactionalProducer>();

  constructor(cluster: KafkaCluster, appender: RecordAppender) {
    this.#cluster = cluster;
    this.#appender = appender;
  }

  /** As `StreamLog.takeOver`. */
  async takeOver(place: GroupPlace, positions: readonly LogPosition[]): Promise<readonly LogPosition[]> {
    const producer = new TransactionalProducer(this.#cluster, this.#idOf(place));
    // Before the positions are read: from here on a former owner writes nothing any more.
    await producer.begin();
    this.#producers.set(keyOf(place), producer);
    const topics = positions.map(({ topic, partition }) => ({
      topic: this.#cluster.prefixed(topic.name),
      partitions: [partition],
    }));
    const known = await findGroupOffsets(this.#cluster, deliveredGroupOf(this.#cluster, place.group), topics);
    return positions.map((position) => {
      const { topic, partition, offset } = position;
      const found = known.find(
        (one) => one.topic === this.#cluster.prefixed(topic.name) && one.partition === partition,
      );
      // It is what the store did not hear of only when it began where the store stands; else the store was moved since.
      const follows = found !== undefined && found.metadata === writeOrigin(topic.id, offset);
      return follows && found.offset > offset ? { ...position, offset: found.offset } : position;
    });
  }

  /** As `StreamLog.deliverProduced`. */
  async deliver({ place, moves, appends }: ProducedDelivery): Promise<readonly (readonly AppendedRange[])[]> {
    const producer = this.#producers.get(keyOf(place));
    if (producer === undefined) {
      throw new MillraceError(
        "PARTITION_LOST",
        `partition ${place.partition} of \`${place.group}\` was not taken over`,
      );
    }
    const plan = new BatchPlan();
    const prepared = await Promise.all(appends.map(async (append) => await this.#appender.prepare(append)));
    const shares = prepared.map(({ topic, append, maxBatchBytes }) =>
      plan.add(topic.name, append.parts, maxBatchBytes),
    );
    const offsets = () => ({
      group: deliveredGroupOf(this.#cluster, place.group),
      offsets: moves.map(({ topic, partition, from, to }) => ({
        topic: this.#cluster.prefixed(topic.name),
        partition,
        offset: to,
        metadata: writeOrigin(topic.id, from),
      })),
    });
    try {
      await producer.write({ batches: plan.batches, offsets });
    } catch (error) {
      // Whether it was written is for `takeOver` to find out.
      this.#producers.delete(keyOf(place));
      throw error;
    }
    return shares.map(rangesOf);
  }

  #idOf({ group, partition }: GroupPlace): string {
    return `${deliveredGroupOf(this.#cluster, group)}.${partition}`;
  }
}

function keyOf({ group, partition }: GroupPlace): string {
  return `${partition}/${group}`;
}

function writeOrigin(topicId: string, from: number): string {
  return `${topicId} ${from}`;
}

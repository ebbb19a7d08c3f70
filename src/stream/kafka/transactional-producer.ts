// Writes records and positions of groups in one transaction of Kafka. Whoever begins with a transactional id fences those that used
// it before: what they had open is thrown away, and what they send from then on is refused.
import { MillraceError } from "../../core/errors/errors.ts";
import type { PlannedBatch } from "./batch-plan.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";
import { BrokerRefusal, isFenced } from "./kafka-failure.ts";
import { latest, listOffsets } from "./list-offsets.ts";
import { nextSequence } from "./idempotent-producer.ts";
import { type ProducerIdentity, sendBatches, type SequencedBatch } from "./send-batches.ts";

/** Positions of a group, as the cluster keeps them. */
export interface GroupOffsets {
  readonly group: string;
  readonly offsets: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly metadata: string;
  }[];
}

export interface Transaction {
  readonly batches: readonly PlannedBatch[];
  /** Asked when the batches have their offsets. */
  readonly offsets?: () => GroupOffsets;
}

export class TransactionalProducer {
  readonly #cluster: KafkaCluster;
  readonly #id: string;
  readonly #sequences = new Map<string, number>();
  #identity: ProducerIdentity | undefined;

  constructor(cluster: KafkaCluster, transactionalId: string) {
    this.#cluster = cluster;
    this.#id = transactionalId;
  }

  /** Fences former users of the id. Called by itself where it was not called. */
  async begin(): Promise<ProducerIdentity> {
    const { initProducerIdV4 } = this.#cluster.driver;
    const { producerId, producerEpoch } = await this.#asking((node) =>
      // Without these numbers a broker takes the request for one of the first producer that it ever had.
      this.#cluster.ask(node, initProducerIdV4.api, this.#id, transactionTimeoutMs, -1n, -1),
    );
    this.#sequences.clear();
    this.#identity = { id: Number(producerId), epoch: producerEpoch };
    return this.#identity;
  }

  /**
   * All of it or nothing; readers see it when the promise resolves.
   * @throws MillraceError `LOG_UNAVAILABLE` when it is not known whether it was written · `PARTITION_LOST` when another one
   * uses the id: nothing was written
   */
  async write({ batches, offsets }: Transaction): Promise<void> {
    const identity = this.#identity ?? (await this.begin());
    try {
      if (batches.length > 0) {
        await this.#addPartitions(identity, batches);
        for (const round of roundsOf(batches)) await this.#send(identity, round);
      }
      if (offsets !== undefined) await this.#addOffsets(identity, offsets());
    } catch (error) {
      this.#identity = undefined;
      await this.#end(identity, false).catch(ignore);
      throw this.#fencing(error);
    }
    try {
      await this.#asking(() => this.#end(identity, true));
    } catch (error) {
      this.#identity = undefined;
      throw this.#fencing(error);
    }
    await this.#untilVisible(batches);
  }

  async #addPartitions({ id, epoch }: ProducerIdentity, batches: readonly PlannedBatch[]): Promise<void> {
    const topics = [...Map.groupBy(batches, ({ topic }) => topic)].map(([name, inside]) => ({
      name,
      partitions: [...new Set(inside.map(({ partition }) => partition))],
    }));
    const producer = { producerId: BigInt(id), producerEpoch: epoch, verifyOnly: false };
    const request = [{ transactionalId: this.#id, ...producer, topics }];
    await this.#asking((node) => this.#cluster.ask(node, this.#cluster.driver.addPartitionsToTxnV3.api, request));
  }

  async #send(identity: ProducerIdentity, round: readonly PlannedBatch[]): Promise<void> {
    const sequenced = round.map((batch) => ({ batch, sequence: this.#sequences.get(placeOf(batch)) ?? 0 }));
    await this.#cluster.retrying("appending in a transaction", async () => {
      const byNode = new Map<number, SequencedBatch[]>();
      for (const one of sequenced) {
        const topic = await this.#cluster.findTopic(one.batch.topic, Infinity);
        if (topic === undefined) throw new BrokerRefusal("UNKNOWN_TOPIC_OR_PARTITION", one.batch.topic);
        const node = this.#cluster.leaderOf(topic, one.batch.partition);
        byNode.set(node, [...(byNode.get(node) ?? []), one]);
      }
      const sent = [...byNode].map(([node, batches]) => sendBatches(this.#cluster, node, batches, identity, this.#id));
      await Promise.all(sent);
    });
    for (const { batch, sequence } of sequenced) {
      this.#sequences.set(placeOf(batch), nextSequence(sequence, batch.records.length));
    }
  }

  async #addOffsets({ id, epoch }: ProducerIdentity, { group, offsets }: GroupOffsets): Promise<void> {
    const { addOffsetsToTxnV3, txnOffsetCommitV3 } = this.#cluster.driver;
    await this.#asking((node) => this.#cluster.ask(node, addOffsetsToTxnV3.api, this.#id, BigInt(id), epoch, group));
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, inside]) => ({
      name,
      partitions: inside.map(({ partition, offset, metadata }) => ({
        partitionIndex: partition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: -1,
        committedMetadata: metadata,
      })),
    }));
    await this.#cluster.retrying("committing positions", async () => {
      const node = await this.#cluster.coordinatorOf("group", group);
      await this.#cluster.ask(node, txnOffsetCommitV3.api, this.#id, group, BigInt(id), epoch, -1, "", null, topics);
    });
  }

  async #end({ id, epoch }: ProducerIdentity, isCommit: boolean): Promise<void> {
    const node = await this.#cluster.coordinatorOf("transaction", this.#id);
    await this.#cluster.ask(node, this.#cluster.driver.endTxnV3.api, this.#id, BigInt(id), epoch, isCommit);
  }

  async #asking<T>(ask: (node: number) => Promise<T>): Promise<T> {
    return await this.#cluster.retrying("writing a transaction", async () =>
      ask(await this.#cluster.coordinatorOf("transaction", this.#id)),
    );
  }

  /** A broker answers before it has told all partitions of the end; an open transaction of somebody else may keep them longer. */
  async #untilVisible(batches: readonly PlannedBatch[]): Promise<void> {
    const { clock } = this.#cluster;
    const deadline = clock.now() + visibleMs;
    for (let tries = 0; clock.now() < deadline; tries += 1) {
      if (await this.#areVisible(batches).catch(() => false)) return;
      await clock.sleep(Math.min(100, 1 + tries));
    }
  }

  async #areVisible(batches: readonly PlannedBatch[]): Promise<boolean> {
    const names = [...new Set(batches.map(({ topic }) => topic))];
    const found = await Promise.all(names.map(async (name) => await this.#cluster.findTopic(name, Infinity)));
    const topics = found.filter((topic) => topic !== undefined);
    const ends = await listOffsets(this.#cluster, topics, latest);
    return batches.every(({ topic, partition, firstOffset, records }) => {
      const index = topics.findIndex(({ name }) => name === topic);
      return (ends[index]?.[partition] ?? Infinity) >= firstOffset + records.length;
    });
  }

  #fencing(error: unknown): unknown {
    const cause = error instanceof MillraceError ? error.cause : error;
    if (!isFenced(cause)) return error;
    return new MillraceError("PARTITION_LOST", `another producer writes as \`${this.#id}\` now`, { cause: error });
  }
}

/** A broker throws away what is open for longer. */
const transactionTimeoutMs = 60_000;
const visibleMs = 5_000;

/** A request holds one batch of each partition. */
function roundsOf(batches: readonly PlannedBatch[]): PlannedBatch[][] {
  const rounds: PlannedBatch[][] = [];
  const depths = new Map<string, number>();
  for (const batch of batches) {
    const depth = depths.get(placeOf(batch)) ?? 0;
    depths.set(placeOf(batch), depth + 1);
    (rounds[depth] ??= []).push(batch);
  }
  return rounds;
}

function placeOf({ topic, partition }: PlannedBatch): string {
  return `${partition}/${topic}`;
}

function ignore(): void {}

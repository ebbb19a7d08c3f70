// Decides how an append is written. One batch of one partition is whole by itself; several are one transaction, together with
// what others append meanwhile. An append with a mark is a transaction that also holds the mark, as a position of a group of its own.
import { MillraceError } from "../../core/errors/errors.ts";
import type { AppendedRange, LogAppend, ProducerMark } from "../../core/stream/stream-log.ts";
import { BatchPlan, rangesOf, type Shares } from "./batch-plan.ts";
import { findGroupOffsets } from "./group-offsets.ts";
import { IdempotentProducer } from "./idempotent-producer.ts";
import type { ClusterTopic, KafkaCluster } from "./kafka-cluster.ts";
import { isRefused } from "./kafka-failure.ts";
import type { KafkaTopics } from "./kafka-topics.ts";
import { TransactionalProducer } from "./transactional-producer.ts";

interface Pending {
  readonly topic: ClusterTopic;
  readonly append: LogAppend;
  readonly maxBatchBytes: number;
  readonly resolve: (ranges: AppendedRange[]) => void;
  readonly reject: (error: unknown) => void;
  /** Whether nothing else is to be in its transaction. */
  readonly isAlone?: boolean;
}

export interface PreparedAppend {
  readonly topic: ClusterTopic;
  readonly append: LogAppend;
  readonly maxBatchBytes: number;
}

export class RecordAppender {
  readonly #cluster: KafkaCluster;
  readonly #topics: KafkaTopics;
  readonly #single: IdempotentProducer;
  /** Undefined where the account may not use transactions. */
  readonly #transactional: TransactionalProducer | undefined;
  readonly #limits = new Map<string, { readonly maxBatchBytes: number; readonly seenAt: number }>();
  readonly #pending: Pending[] = [];
  readonly #marked = new Map<string, Promise<unknown>>();
  #isRunning = false;

  /** @param instance tells this process from others */
  constructor(cluster: KafkaCluster, topics: KafkaTopics, isTransactional: boolean, instance: string) {
    this.#cluster = cluster;
    this.#topics = topics;
    this.#single = new IdempotentProducer(cluster);
    if (isTransactional) {
      this.#transactional = new TransactionalProducer(cluster, cluster.prefixed(`millrace.append.${instance}`));
    }
  }

  /** As `StreamLog.append`. */
  async append(append: LogAppend): Promise<readonly AppendedRange[]> {
    const prepared = await this.prepare(append);
    const { topic, maxBatchBytes } = prepared;
    const plan = new BatchPlan();
    plan.add(topic.name, append.parts, maxBatchBytes);
    if (plan.batches.length === 0) return [];
    if (append.mark !== undefined && this.#transactional !== undefined) {
      return await this.#inTurn(append.mark.producer, async () => await this.#appendOnce(prepared, append.mark));
    }
    if (this.#transactional !== undefined && (plan.batches.length > 1 || this.#isForgotten(plan))) {
      return await this.#enqueue(prepared);
    }
    const each = plan.batches.map(async ({ partition, records }) =>
      this.#single.append({ topic, partition, records, maxBatchBytes }),
    );
    return (await Promise.all(each)).flat();
  }

  /** The topic as it is now, and what it takes. @throws MillraceError `TOPIC_UNKNOWN` | `TOPIC_CHANGED` */
  async prepare(append: LogAppend): Promise<PreparedAppend> {
    return await this.#cluster.retrying(`appending to \`${append.topic.name}\``, async (tries) => {
      const topic = await (tries === 0 ? this.#cluster.resolve(append.topic) : this.#cluster.resolve(append.topic, 0));
      for (const { partition } of append.parts) this.#cluster.leaderOf(topic, partition);
      const known = this.#limits.get(topic.id);
      const now = this.#cluster.clock.now();
      if (known !== undefined && now - known.seenAt < limitMaxAgeMs) {
        return { topic, append, maxBatchBytes: known.maxBatchBytes };
      }
      const [config] = await this.#topics.readConfigs([topic]);
      const maxBatchBytes = Math.min(config?.maxMessageBytes ?? usualBatchBytes, mostBatchBytes);
      this.#limits.set(topic.id, { maxBatchBytes, seenAt: now });
      return { topic, append, maxBatchBytes };
    });
  }

  /**
   * Brokers forget a producer's sequences by the time of its last records, not by when they came: after a restart they would take
   * a batch of old times, whose answer was lost, a second time. Those of an open transaction they remember.
   */
  #isForgotten(plan: BatchPlan): boolean {
    return plan.isBefore(this.#cluster.clock.now() - rememberedMs);
  }

  /** What was appended under the mark before is told again instead. */
  async #appendOnce(
    { topic, append, maxBatchBytes }: PreparedAppend,
    mark: ProducerMark | undefined,
  ): Promise<AppendedRange[]> {
    const { producer = "", sequence = 0 } = mark ?? {};
    const id = this.#cluster.prefixed(`millrace.mark.${producer}`);
    const writer = new TransactionalProducer(this.#cluster, id);
    await writer.begin();
    const [known] = await findGroupOffsets(this.#cluster, id, [{ topic: topic.name, partitions: [0] }]);
    if (known !== undefined && known.offset >= sequence) return readRanges(known.metadata, topic.id);
    const plan = new BatchPlan();
    const shares = plan.add(topic.name, append.parts, maxBatchBytes);
    const offsets = () => ({
      group: id,
      offsets: [
        { topic: topic.name, partition: 0, offset: sequence, metadata: writeRanges(rangesOf(shares), topic.id) },
      ],
    });
    await writer.write({ batches: plan.batches, offsets });
    return rangesOf(shares);
  }

  /** Appends of one producer are one after the other: each takes the transactional id over. */
  async #inTurn<T>(producer: string, work: () => Promise<T>): Promise<T> {
    const before = this.#marked.get(producer) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#marked.set(producer, mine);
    try {
      return await mine;
    } finally {
      if (this.#marked.get(producer) === mine) this.#marked.delete(producer);
    }
  }

  async #enqueue({ topic, append, maxBatchBytes }: PreparedAppend): Promise<AppendedRange[]> {
    const appended = Promise.withResolvers<AppendedRange[]>();
    this.#pending.push({ topic, append, maxBatchBytes, resolve: appended.resolve, reject: appended.reject });
    if (!this.#isRunning) void this.#run();
    return await appended.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#pending.length > 0) await this.#writeNext();
    this.#isRunning = false;
  }

  async #writeNext(): Promise<void> {
    const plan = new BatchPlan();
    const taken: { readonly one: Pending; readonly shares: Shares }[] = [];
    while (plan.bytes < mostTransactionBytes) {
      const [one] = this.#pending;
      if (one === undefined || (taken.length > 0 && (one.isAlone || taken[0]?.one.isAlone))) break;
      this.#pending.shift();
      taken.push({ one, shares: plan.add(one.topic.name, one.append.parts, one.maxBatchBytes) });
    }
    try {
      await this.#transactional?.write({ batches: plan.batches });
      for (const { one, shares } of taken) one.resolve(rangesOf(shares));
    } catch (cause) {
      // What one of them was refused for takes no other with it.
      if (taken.length > 1 && isRefused(cause)) {
        this.#pending.unshift(...taken.map(({ one }) => ({ ...one, isAlone: true })));
        return;
      }
      const error = isLost(cause)
        ? new MillraceError("LOG_UNAVAILABLE", "a transaction took too long, Kafka threw it away", { cause })
        : cause;
      for (const { one } of taken) one.reject(error);
    }
  }
}

const limitMaxAgeMs = 60_000;
/** Brokers remember a day unless `producer.id.expiration.ms` says otherwise. */
const rememberedMs = 3_600_000;
const usualBatchBytes = 1_000_000;
const mostBatchBytes = 4_000_000;
const mostTransactionBytes = 8_000_000;

function isLost(error: unknown): boolean {
  return error instanceof MillraceError && error.code === "PARTITION_LOST";
}

function writeRanges(ranges: readonly AppendedRange[], topicId: string): string {
  const text = ranges.map(({ partition, from, to }) => `${partition}:${from}-${to}`).join(",");
  return `${topicId} ${text}`.slice(0, mostMetadataCharacters);
}

function readRanges(metadata: string, topicId: string): AppendedRange[] {
  const [id, text = ""] = metadata.split(" ");
  if (id !== topicId) return [];
  return [...text.matchAll(/(\d+):(\d+)-(\d+)(?=,|$)/g)].map(([, partition, from, to]) => ({
    partition: Number(partition),
    from: Number(from),
    to: Number(to),
  }));
}

/** Brokers keep at most 4,096 bytes beside a position. */
const mostMetadataCharacters = 4_000;

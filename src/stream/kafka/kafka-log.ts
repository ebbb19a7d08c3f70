// The log on Kafka 4. Offsets of groups are in the store, not in the cluster: this is the part of a stream that reads and writes.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type {
  AppendedRange,
  GroupPlace,
  LogAppend,
  LogPosition,
  LogRead,
  LogWait,
  ProducedDelivery,
  RecordsRead,
  StreamLog,
  TopicDeclaration,
  TopicReference,
  TopicState,
} from "../../core/stream/stream-log.ts";
import { OffsetPublisher } from "./group-offsets.ts";
import { KafkaCluster } from "./kafka-cluster.ts";
import { loadDriver } from "./kafka-driver.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import { KafkaTopics } from "./kafka-topics.ts";
import { PartitionReader } from "./partition-reader.ts";
import { DeliveryWriter } from "./produced-delivery.ts";
import { RecordAppender } from "./record-appender.ts";
import { RecordWaiter } from "./record-waiter.ts";

export interface KafkaLogOptions {
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  /** How long calls ride out that brokers are away. Default one minute. */
  readonly patienceMs?: number;
}

/** A log on a cluster; it is reached when it is first asked. @throws MillraceError `DEPENDENCY_MISSING` */
export async function openKafkaLog({ settings, clock, patienceMs = 60_000 }: KafkaLogOptions): Promise<StreamLog> {
  const cluster = new KafkaCluster({ driver: await loadDriver(), settings, clock, patienceMs });
  return new KafkaLog(cluster, settings);
}

class KafkaLog implements StreamLog {
  readonly kind = "kafka";
  readonly #cluster: KafkaCluster;
  readonly #topics: KafkaTopics;
  readonly #reader: PartitionReader;
  readonly #waiter: RecordWaiter;
  readonly #appender: RecordAppender;
  readonly #deliveries: DeliveryWriter;
  readonly #publisher: OffsetPublisher;

  constructor(cluster: KafkaCluster, { replicationFactor, transactional = true }: KafkaSettings) {
    this.#cluster = cluster;
    this.#topics = new KafkaTopics(cluster, replicationFactor);
    this.#reader = new PartitionReader(cluster);
    this.#waiter = new RecordWaiter(cluster, this.#reader);
    this.#appender = new RecordAppender(cluster, this.#topics, transactional, randomUUID());
    this.#publisher = new OffsetPublisher(cluster);
    this.#deliveries = new DeliveryWriter(cluster, this.#appender);
  }

  async declareTopic(declaration: TopicDeclaration): Promise<TopicState> {
    return await this.#topics.declare(declaration);
  }

  async findTopic(name: string): Promise<TopicState | undefined> {
    return await this.#topics.find(name);
  }

  async listTopics(): Promise<readonly TopicState[]> {
    return await this.#topics.list();
  }

  async append(append: LogAppend): Promise<readonly AppendedRange[]> {
    return await this.#appender.append(append);
  }

  async read(read: LogRead): Promise<RecordsRead> {
    return await this.#reader.read(read);
  }

  async waitForRecords(positions: readonly LogPosition[], wait: LogWait): Promise<void> {
    await this.#waiter.wait(positions, wait);
  }

  async offsetAt(topic: TopicReference, partition: number, timeMs: number): Promise<number> {
    return await this.#topics.offsetAt(topic, partition, timeMs);
  }

  async truncate(topic: TopicReference, partition: number, before: number): Promise<void> {
    this.#reader.forget(topic.id);
    await this.#topics.truncate(topic, partition, before);
    this.#reader.forget(topic.id);
  }

  async deleteTopic(topic: TopicReference): Promise<void> {
    await this.#topics.delete(topic);
    this.#reader.forget(topic.id);
  }

  async takeOver(place: GroupPlace, positions: readonly LogPosition[]): Promise<readonly LogPosition[]> {
    return await this.#deliveries.takeOver(place, positions);
  }

  async deliverProduced(delivery: ProducedDelivery): Promise<readonly (readonly AppendedRange[])[]> {
    return await this.#deliveries.deliver(delivery);
  }

  publishOffsets(group: string, positions: readonly LogPosition[]): void {
    this.#publisher.publish(group, positions);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher.close();
    await this.#waiter.close();
    await this.#cluster.close();
  }
}

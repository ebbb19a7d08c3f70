// Topics of a cluster: made, raised, found, trimmed, deleted. Names of the port are those of the cluster without the prefix.
import { MillraceError } from "../../core/errors/errors.ts";
import type { TopicDeclaration, TopicReference, TopicState } from "../../core/stream/stream-log.ts";
import { type ClusterTopic, type KafkaCluster, topicUnknown } from "./kafka-cluster.ts";
import { BrokerRefusal, refusalCode } from "./kafka-failure.ts";
import { latest, listBounds, listOffsets } from "./list-offsets.ts";

/** Settings of a topic that matter here. */
export interface TopicConfig {
  readonly retentionMs: number | undefined;
  /** Of a batch, as it is sent. */
  readonly maxMessageBytes: number;
}

export class KafkaTopics {
  readonly #cluster: KafkaCluster;
  readonly #replicationFactor: number;

  /** @param replicationFactor of topics made here; undefined: that of the cluster */
  constructor(cluster: KafkaCluster, replicationFactor: number | undefined) {
    this.#cluster = cluster;
    this.#replicationFactor = replicationFactor ?? -1;
  }

  /** As `StreamLog.declareTopic`. The retention of a topic that was there is changed only where one is said. */
  async declare(declaration: TopicDeclaration): Promise<TopicState> {
    const name = this.#cluster.prefixed(declaration.name);
    return await this.#cluster.retrying(`declaring topic \`${declaration.name}\``, async () => {
      const known = await this.#cluster.findTopic(name);
      if (known === undefined) await this.#create(name, declaration);
      else await this.#adjust(known, declaration);
      const topic = await this.#cluster.findTopic(name);
      if (topic === undefined || topic.leaders.length < declaration.partitions) {
        throw new BrokerRefusal("LEADER_NOT_AVAILABLE", `topic \`${name}\``);
      }
      return await this.#describe(topic);
    });
  }

  async find(name: string): Promise<TopicState | undefined> {
    return await this.#cluster.retrying(`looking for topic \`${name}\``, async () => {
      const topic = await this.#cluster.findTopic(this.#cluster.prefixed(name));
      return topic === undefined ? undefined : await this.#describe(topic);
    });
  }

  async list(): Promise<readonly TopicState[]> {
    return await this.#cluster.retrying("listing topics", async () => {
      const topics = await this.#cluster.listTopics();
      const states = await this.#describeAll(topics);
      return states.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  /** As `StreamLog.offsetAt`. */
  async offsetAt(reference: TopicReference, partition: number, timeMs: number): Promise<number> {
    return await this.#cluster.retrying(`looking for a time in \`${reference.name}\``, async () => {
      const topic = await this.#cluster.resolve(reference, 0);
      this.#cluster.leaderOf(topic, partition);
      for (const time of [timeMs, latest]) {
        const [offsets] = await listOffsets(this.#cluster, [topic], Math.max(time, latest), partition);
        const offset = offsets?.[partition] ?? -1;
        if (offset >= 0) return offset;
      }
      throw new BrokerRefusal("OFFSET_NOT_AVAILABLE", `partition ${partition} of \`${topic.name}\``);
    });
  }

  async truncate(reference: TopicReference, partition: number, before: number): Promise<void> {
    await this.#cluster.retrying(`trimming topic \`${reference.name}\``, async () => {
      const topic = await this.#cluster.resolve(reference, 0);
      const [bounds] = await listBounds(this.#cluster, [topic]);
      const { start = 0, end = 0 } = bounds?.[partition] ?? {};
      const offset = Math.min(before, end);
      if (offset <= start) return;
      const request = [{ name: topic.name, partitions: [{ partitionIndex: partition, offset: BigInt(offset) }] }];
      const leader = this.#cluster.leaderOf(topic, partition);
      await this.#cluster.ask(leader, this.#cluster.driver.deleteRecordsV2.api, request, adminTimeoutMs);
    });
  }

  async delete(reference: TopicReference): Promise<void> {
    await this.#cluster.retrying(`deleting topic \`${reference.name}\``, async (tries) => {
      const name = this.#cluster.prefixed(reference.name);
      // One that a lost answer has told of already is gone at the second try.
      const topic = await this.#cluster.findTopic(name);
      if (topic === undefined && tries > 0) return;
      const { id } = await this.#cluster.resolve(reference, 0);
      await this.#cluster.askAny(this.#cluster.driver.deleteTopicsV6.api, [{ topicId: id }], adminTimeoutMs);
      const left = await this.#cluster.findTopic(name);
      if (left?.id === id) throw new BrokerRefusal("UNKNOWN_TOPIC_ID", `topic \`${name}\` is still there`);
    });
  }

  /** By topic, in their order. */
  async readConfigs(topics: readonly ClusterTopic[]): Promise<TopicConfig[]> {
    if (topics.length === 0) return [];
    const { driver } = this.#cluster;
    const resources = topics.map(({ name }) => ({
      resourceType: driver.ConfigResourceTypes.TOPIC,
      resourceName: name,
      configurationKeys: ["retention.ms", "max.message.bytes"],
    }));
    const answer = await this.#cluster.askAny(driver.describeConfigsV4.api, resources);
    return topics.map(({ name }) => {
      const configs = answer.results.find(({ resourceName }) => resourceName === name)?.configs ?? [];
      const valueOf = (key: string): number => Number(configs.find((config) => config.name === key)?.value ?? -1);
      const retentionMs = valueOf("retention.ms");
      const maxMessageBytes = valueOf("max.message.bytes");
      return {
        retentionMs: retentionMs < 0 ? undefined : retentionMs,
        maxMessageBytes: maxMessageBytes < 0 ? usualMaxMessageBytes : maxMessageBytes,
      };
    });
  }

  async #create(name: string, { partitions, retentionMs }: TopicDeclaration): Promise<void> {
    const configs = [
      { name: "retention.ms", value: String(retentionMs ?? -1) },
      // Event times are those of the records; whoever produces decides how far ahead they are.
      { name: "message.timestamp.after.max.ms", value: "9223372036854775807" },
    ];
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor: this.#replicationFactor,
      assignments: [],
      configs,
    };
    try {
      await this.#cluster.askAny(this.#cluster.driver.createTopicsV7.api, [topic], adminTimeoutMs, false);
    } catch (error) {
      if (refusalCode(error) !== "TOPIC_ALREADY_EXISTS") throw error;
    }
  }

  async #adjust(topic: ClusterTopic, { name, partitions, retentionMs }: TopicDeclaration): Promise<void> {
    const has = topic.leaders.length;
    if (has > partitions) {
      throw new MillraceError(
        "TOPIC_MISMATCH",
        `topic \`${name}\` has ${has} partitions, which can be raised only, got: \`${partitions}\``,
        {
          hint: `say \`partitions: ${has}\``,
          details: { topic: name, partitions: has },
        },
      );
    }
    const { driver } = this.#cluster;
    if (has < partitions) {
      const request = [{ name: topic.name, count: partitions, assignments: null }];
      await this.#cluster.askAny(driver.createPartitionsV3.api, request, adminTimeoutMs, false);
    }
    if (retentionMs === undefined) return;
    const [config] = await this.readConfigs([topic]);
    if (config?.retentionMs === retentionMs) return;
    const change = {
      name: "retention.ms",
      configOperation: driver.IncrementalAlterConfigOperationTypes.SET,
      value: String(retentionMs),
    };
    const resource = { resourceType: driver.ConfigResourceTypes.TOPIC, resourceName: topic.name, configs: [change] };
    await this.#cluster.askAny(driver.incrementalAlterConfigsV1.api, [resource], false);
  }

  async #describe(topic: ClusterTopic): Promise<TopicState> {
    const [state] = await this.#describeAll([topic]);
    if (state === undefined) throw topicUnknown(topic.name);
    return state;
  }

  async #describeAll(topics: readonly ClusterTopic[]): Promise<TopicState[]> {
    const [configs, bounds] = await Promise.all([this.readConfigs(topics), listBounds(this.#cluster, topics)]);
    return topics.map(({ name, id, leaders }, index) => ({
      name: name.slice(this.#cluster.prefixed("").length),
      id,
      partitions: leaders.length,
      retentionMs: configs[index]?.retentionMs,
      bounds: bounds[index] ?? [],
    }));
  }
}

const adminTimeoutMs = 20_000;
const usualMaxMessageBytes = 1_048_588;

// The way to the brokers: connections, what is known of topics and their leaders, and patience while brokers are away.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { TopicReference } from "../../core/stream/stream-log.ts";
import type { KafkaDriver } from "./kafka-driver.ts";
import { BrokerRefusal, isPassing, toKafkaError } from "./kafka-failure.ts";
import { type ConnectionOptions, type KafkaSettings, toBrokers, toConnectionOptions } from "./kafka-settings.ts";

type Connection = InstanceType<KafkaDriver["Connection"]>;
type Pool = InstanceType<KafkaDriver["ConnectionPool"]>;
type MetadataAnswer = Awaited<ReturnType<KafkaDriver["metadataV12"]["api"]["async"]>>;

/** A topic as the cluster knows it; names here are those of the cluster, with the prefix. */
export interface ClusterTopic {
  readonly name: string;
  readonly id: string;
  /** The node that leads each partition, by number. */
  readonly leaders: readonly number[];
}

export interface ClusterOptions {
  readonly driver: KafkaDriver;
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  /** How long a call rides out that brokers are away. */
  readonly patienceMs: number;
}

/** Requests wait for each other on a connection, so reads have one of their own. */
export type Lane = "requests" | "reads";

/** A request of the client library. */
interface Api<Arguments extends readonly unknown[], Answer> {
  async(connection: Connection, ...given: Arguments): Promise<Answer>;
}

export class KafkaCluster {
  readonly driver: KafkaDriver;
  readonly clock: Clock;
  readonly #settings: KafkaSettings;
  readonly #options: ConnectionOptions;
  readonly #patienceMs: number;
  readonly #pools: Readonly<Record<Lane, Pool>>;
  readonly #brokers = new Map<number, { readonly host: string; readonly port: number }>();
  readonly #topics = new Map<string, { readonly topic: ClusterTopic; readonly seenAt: number }>();
  readonly #coordinators = new Map<string, number>();
  #isClosed = false;

  constructor({ driver, settings, clock, patienceMs }: ClusterOptions) {
    this.driver = driver;
    this.clock = clock;
    this.#settings = settings;
    this.#options = toConnectionOptions(settings);
    this.#patienceMs = patienceMs;
    this.#pools = { requests: this.#createPool(), reads: this.#createPool() };
  }

  get clientId(): string {
    return this.#settings.clientId ?? "millrace";
  }

  /** The name of a topic or a group in the cluster. */
  prefixed(name: string): string {
    return (this.#settings.topicPrefix ?? "") + name;
  }

  /** Asks any broker. */
  async askAny<Arguments extends unknown[], Answer>(api: Api<Arguments, Answer>, ...given: Arguments): Promise<Answer> {
    const brokers = [...this.#brokers.values(), ...toBrokers(this.#settings)];
    return await api.async(await this.#pools.requests.getFirstAvailable(brokers), ...given);
  }

  /** Asks one node. */
  async ask<Arguments extends unknown[], Answer>(
    node: number,
    api: Api<Arguments, Answer>,
    ...given: Arguments
  ): Promise<Answer> {
    return await api.async(await this.connection(node, "requests"), ...given);
  }

  async connection(node: number, lane: Lane): Promise<Connection> {
    return await this.#pools[lane].get(await this.#addressOf(node));
  }

  /** A connection that nobody else uses; whoever asks closes it. */
  async openConnection(node: number): Promise<Connection> {
    const { host, port } = await this.#addressOf(node);
    const connection = new this.driver.Connection(this.clientId, this.#options);
    connection.on("error", ignore);
    await connection.connect(host, port);
    return connection;
  }

  /** Does something again while it fails by what passes, as long as the patience lasts. @param what for messages */
  async retrying<T>(what: string, work: (tries: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const deadline = this.clock.now() + this.#patienceMs;
    for (let tries = 0; ; tries += 1) {
      signal?.throwIfAborted();
      try {
        return await abortable(work(tries), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#isClosed || !isPassing(error) || this.clock.now() >= deadline) throw toKafkaError(error, what);
        this.#topics.clear();
        this.#coordinators.clear();
        await this.clock.sleep(Math.min(1_000, 10 * 2 ** tries), signal);
      }
    }
  }

  /** `undefined`: there is none. @param maxAgeMs how old what is known may be */
  async findTopic(name: string, maxAgeMs = 0): Promise<ClusterTopic | undefined> {
    const known = this.#topics.get(name);
    if (known !== undefined && this.clock.now() - known.seenAt < maxAgeMs) return known.topic;
    this.#topics.delete(name);
    const [topic] = await this.#learn([name]);
    return topic;
  }

  async listTopics(): Promise<ClusterTopic[]> {
    return (await this.#learn(null)).filter(({ name }) => name.startsWith(this.prefixed("")));
  }

  /**
   * The topic behind a reference of the port.
   * @throws MillraceError `TOPIC_UNKNOWN` | `TOPIC_CHANGED`
   */
  async resolve({ name, id }: TopicReference, maxAgeMs: number = metadataMaxAgeMs): Promise<ClusterTopic> {
    const topic = await this.findTopic(this.prefixed(name), maxAgeMs);
    if (topic?.id === id) return topic;
    // What is known may be older than the reference.
    if (maxAgeMs > 0) return await this.resolve({ name, id }, 0);
    if (topic === undefined) throw topicUnknown(name);
    throw new MillraceError(
      "TOPIC_CHANGED",
      `topic \`${name}\` was deleted and made anew, its id is now: \`${topic.id}\``,
      {
        hint: "say where the group goes on in the new topic: at its start or from now",
        details: { topic: name, knownId: id, id: topic.id },
      },
    );
  }

  /** @throws MillraceError `TOPIC_UNKNOWN` for a partition that is not there */
  leaderOf(topic: ClusterTopic, partition: number): number {
    const leader = topic.leaders[partition];
    if (leader === undefined) throw topicUnknown(topic.name, partition);
    if (leader < 0) throw new BrokerRefusal("LEADER_NOT_AVAILABLE", `partition ${partition} of \`${topic.name}\``);
    return leader;
  }

  /** The node that keeps a group's offsets, or the state of a transactional id. */
  async coordinatorOf(kind: "group" | "transaction", key: string): Promise<number> {
    const place = `${kind}:${key}`;
    const known = this.#coordinators.get(place);
    if (known !== undefined) return known;
    const answer = await this.askAny(this.driver.findCoordinatorV4.api, kind === "group" ? 0 : 1, [key]);
    const [found] = answer.coordinators;
    if (found === undefined) throw new BrokerRefusal("COORDINATOR_NOT_AVAILABLE", place);
    this.#brokers.set(found.nodeId, { host: found.host, port: found.port });
    this.#coordinators.set(place, found.nodeId);
    return found.nodeId;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#pools.requests.close(), this.#pools.reads.close()]);
  }

  #createPool(): Pool {
    const pool = new this.driver.ConnectionPool(this.clientId, this.#options);
    // Whoever asked gets the error; an emitter without a listener would end the process.
    pool.on("connecting", ({ connection }) => connection.on("error", ignore));
    return pool;
  }

  async #addressOf(node: number): Promise<{ readonly host: string; readonly port: number }> {
    if (!this.#brokers.has(node)) await this.#learn([]);
    const address = this.#brokers.get(node);
    if (address === undefined) throw new BrokerRefusal("BROKER_NOT_AVAILABLE", `node ${node}`);
    return address;
  }

  async #learn(names: readonly string[] | null): Promise<ClusterTopic[]> {
    const answer = await this.askAny(this.driver.metadataV12.api, names === null ? null : [...names], false).catch(
      partOfMetadata,
    );
    this.#brokers.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#brokers.set(nodeId, { host, port });
    const topics: ClusterTopic[] = [];
    for (const { errorCode, name, topicId, isInternal, partitions } of answer.topics) {
      if (name === null || name === undefined || isInternal || errorCode === unknownTopic) continue;
      if (errorCode !== 0) throw new BrokerRefusal(this.codeName(errorCode), `topic \`${name}\``);
      const leaders = partitions
        .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
        .map(({ leaderId }) => leaderId);
      const topic: ClusterTopic = { name, id: topicId, leaders };
      topics.push(topic);
      this.#topics.set(name, { topic, seenAt: this.clock.now() });
    }
    return topics;
  }

  /** Kafka's name of a number. */
  codeName(errorCode: number): string {
    const names: Readonly<Record<number, string | undefined>> = this.driver.protocolErrorsCodesById;
    return names[errorCode] ?? String(errorCode);
  }
}

/** Rejects with the reason of the signal when that comes first; what was begun goes on. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** How long a write trusts what is known of a topic; a reader is told by the broker when the topic is another one. */
const metadataMaxAgeMs = 5_000;
const unknownTopic = 3;

export function topicUnknown(name: string, partition?: number): MillraceError {
  return partition === undefined
    ? new MillraceError("TOPIC_UNKNOWN", `there is no topic \`${name}\``)
    : new MillraceError("TOPIC_UNKNOWN", `topic \`${name}\` has no partition ${partition}`);
}

/** One topic that is not there makes the client library throw the answer about all of them. */
function partOfMetadata(error: unknown): MetadataAnswer {
  const answer = error instanceof Error && "response" in error ? error.response : undefined;
  if (typeof answer === "object" && answer !== null && "topics" in answer) return answer as MetadataAnswer;
  throw error;
}

function ignore(): void {}

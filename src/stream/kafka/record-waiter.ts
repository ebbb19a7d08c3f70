// Waits at the brokers until a position has records. Each wait has a connection of its own, as a broker answers one request of a
// connection after the other; what comes with the answer is what is read next.
import type { LogPosition, LogWait } from "../../core/stream/stream-log.ts";
import { type FetchPosition, fetchRecords } from "./fetch-records.ts";
import { abortable, type KafkaCluster } from "./kafka-cluster.ts";
import type { KafkaDriver } from "./kafka-driver.ts";
import type { PartitionReader } from "./partition-reader.ts";

type Connection = InstanceType<KafkaDriver["Connection"]>;

export class RecordWaiter {
  readonly #cluster: KafkaCluster;
  readonly #reader: PartitionReader;
  /** Connections that wait for nothing now, by node. */
  readonly #idle = new Map<number, Connection[]>();
  readonly #busy = new Set<Connection>();
  #isClosed = false;

  constructor(cluster: KafkaCluster, reader: PartitionReader) {
    this.#cluster = cluster;
    this.#reader = reader;
  }

  /** As `StreamLog.waitForRecords`; what goes wrong ends the wait, and the next read tells what it is. */
  async wait(positions: readonly LogPosition[], { timeoutMs, signal }: LogWait): Promise<void> {
    const { clock } = this.#cluster;
    const wanted = positions.map(({ topic, partition, offset }) => ({ topicId: topic.id, partition, offset }));
    if (signal.aborted || wanted.some((position) => this.#reader.has(position))) return;
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, stop.signal]);
    // The broker's answer at the end of the time is to come first: its connection is used again then.
    const timer = clock.sleep(timeoutMs + graceMs, stopped);
    try {
      const asked = this.#askAll(positions, timeoutMs, stopped).catch(async () => {
        // Without a pause a broker that is away would be asked again at once.
        await clock.sleep(Math.min(timeoutMs, pauseMs), stopped);
      });
      await Promise.race([timer, asked]);
    } finally {
      stop.abort();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#busy, ...[...this.#idle.values()].flat()];
    this.#idle.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }

  async #askAll(positions: readonly LogPosition[], timeoutMs: number, signal: AbortSignal): Promise<void> {
    const places = await Promise.all(
      positions.map(async ({ topic, partition, offset }) => {
        const found = await this.#cluster.resolve(topic, Infinity);
        return { node: this.#cluster.leaderOf(found, partition), topicId: topic.id, partition, offset };
      }),
    );
    const byNode = Map.groupBy(places, ({ node }) => node);
    await Promise.race([...byNode].map(([node, inside]) => this.#ask(node, inside, timeoutMs, signal)));
  }

  async #ask(node: number, positions: readonly FetchPosition[], timeoutMs: number, signal: AbortSignal): Promise<void> {
    const connection = this.#takeIdle(node) ?? (await this.#cluster.openConnection(node));
    this.#busy.add(connection);
    try {
      const options = { maxWaitMs: Math.min(timeoutMs, maxWaitMs), maxBytes };
      const fetching = fetchRecords(this.#cluster, connection, positions, options);
      for (const fetched of await abortable(fetching, signal)) this.#reader.offer(fetched);
      this.#giveBack(node, connection);
    } catch (error) {
      // Its answer may still come; nobody else is to wait behind it.
      void connection.close();
      throw error;
    } finally {
      this.#busy.delete(connection);
    }
  }

  #takeIdle(node: number): Connection | undefined {
    const idle = this.#idle.get(node) ?? [];
    // Those that a broker has closed meanwhile are left out.
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.isConnected()) return connection;
    }
  }

  #giveBack(node: number, connection: Connection): void {
    const idle = this.#idle.get(node) ?? [];
    if (this.#isClosed || idle.length >= maxIdle) void connection.close();
    else this.#idle.set(node, [...idle, connection]);
  }
}

/** Of a partition, in the answer that ends a wait. */
const maxBytes = 1024 * 1024;
const maxWaitMs = 20_000;
const pauseMs = 250;
const graceMs = 100;
const maxIdle = 8;

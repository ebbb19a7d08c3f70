// Positions of groups as the cluster keeps them. Ours are in the store; these are for Kafka's own tools, which show lag by them, and
// for transactions that hold records and positions.
import type { LogPosition } from "../../core/stream/stream-log.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";

export interface GroupOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** Those that are there, waiting for transactions that are not finished. */
export async function findGroupOffsets(
  cluster: KafkaCluster,
  group: string,
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): Promise<GroupOffset[]> {
  return await cluster.retrying("reading positions", async () => {
    const node = await cluster.coordinatorOf("group", group);
    const wanted = topics.map(({ topic, partitions }) => ({ name: topic, partitionIndexes: [...partitions] }));
    const request = [{ groupId: group, memberId: null, memberEpoch: -1, topics: wanted }];
    const answer = await cluster.ask(node, cluster.driver.offsetFetchV8.api, request, true);
    return answer.groups.flatMap((found) =>
      found.topics.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset, metadata }) => ({
            topic: name,
            partition: partitionIndex,
            offset: Number(committedOffset),
            metadata: metadata ?? "",
          })),
      ),
    );
  });
}

/** Tells the cluster now and then how far groups are. What it refuses is of no consequence. */
export class OffsetPublisher {
  readonly #cluster: KafkaCluster;
  readonly #stop = new AbortController();
  /** Newest positions that were not told, by group. */
  readonly #waiting = new Map<string, Map<string, LogPosition>>();
  #running: Promise<void> | undefined;

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
  }

  publish(group: string, positions: readonly LogPosition[]): void {
    const waiting = this.#waiting.get(group) ?? new Map<string, LogPosition>();
    this.#waiting.set(group, waiting);
    for (const position of positions) waiting.set(`${position.partition}/${position.topic.name}`, position);
    this.#running ??= this.#run();
  }

  /** Tells what is left, to a broker that answers soon. */
  async close(): Promise<void> {
    this.#stop.abort();
    const told = new AbortController();
    const running = (this.#running ?? Promise.resolve()).finally(() => told.abort());
    await Promise.race([running, this.#cluster.clock.sleep(closingMs, told.signal)]);
  }

  async #run(): Promise<void> {
    const { clock } = this.#cluster;
    while (this.#waiting.size > 0) {
      await clock.sleep(everyMs, this.#stop.signal);
      const groups = [...this.#waiting];
      this.#waiting.clear();
      await Promise.all(groups.map(async ([group, positions]) => await this.#tell(group, [...positions.values()])));
    }
    this.#running = undefined;
  }

  async #tell(group: string, positions: readonly LogPosition[]): Promise<void> {
    const { driver } = this.#cluster;
    const id = shownGroupOf(this.#cluster, group);
    const topics = [...Map.groupBy(positions, ({ topic }) => this.#cluster.prefixed(topic.name))].map(
      ([name, inside]) => ({
        name,
        partitions: inside.map(({ partition, offset }) => ({
          partitionIndex: partition,
          committedOffset: BigInt(offset),
          committedLeaderEpoch: -1,
          committedMetadata: "",
        })),
      }),
    );
    try {
      const node = await this.#cluster.coordinatorOf("group", id);
      await this.#cluster.ask(node, driver.offsetCommitV8.api, id, -1, "", null, topics);
    } catch {
      // The next position is told again; nothing depends on it.
    }
  }
}

/** The group of the cluster that people see one of ours by. */
function shownGroupOf(cluster: KafkaCluster, group: string): string {
  return cluster.prefixed(`millrace.${group}`);
}

/** The group whose positions are written in transactions with records; what is told for display cannot put it back. */
export function deliveredGroupOf(cluster: KafkaCluster, group: string): string {
  return cluster.prefixed(`millrace.${group}.delivered`);
}

const everyMs = 5_000;
const closingMs = 1_000;

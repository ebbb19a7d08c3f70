// Asks the leaders of partitions where they begin, where readers of committed records stop, and what offset belongs to a time.
import type { PartitionBounds } from "../../core/stream/stream-log.ts";
import { BrokerRefusal } from "./kafka-failure.ts";
import type { ClusterTopic, KafkaCluster } from "./kafka-cluster.ts";

/** Instead of a time: the first offset that is kept, and the end. */
export const earliest = -2;
export const latest = -1;

/** The offset for each partition of each topic, in their order; −1 where no record has the time or a later one. */
export async function listOffsets(
  cluster: KafkaCluster,
  topics: readonly ClusterTopic[],
  timeMs: number,
  only?: number,
): Promise<number[][]> {
  const wanted = topics.flatMap((topic, index) =>
    topic.leaders
      .map((_, partition) => ({ topic, index, partition }))
      .filter(({ partition }) => only === undefined || partition === only),
  );
  const found = topics.map(({ leaders }) => leaders.map(() => -1));
  const byLeader = Map.groupBy(wanted, ({ topic, partition }) => cluster.leaderOf(topic, partition));
  await Promise.all(
    [...byLeader].map(async ([leader, parts]) => {
      const request = [...Map.groupBy(parts, ({ topic }) => topic.name)].map(([name, inside]) => ({
        name,
        partitions: inside.map(({ partition }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: -1,
          timestamp: BigInt(timeMs),
        })),
      }));
      const answer = await cluster.ask(leader, cluster.driver.listOffsetsV8.api, -1, readCommitted, request);
      for (const { name, partitions } of answer.topics) {
        const of = found[topics.findIndex((topic) => topic.name === name)];
        for (const { partitionIndex, offset } of partitions) if (of !== undefined) of[partitionIndex] = Number(offset);
      }
    }),
  );
  return found;
}

const readCommitted = 1;

/** Bounds of topics, in their order. */
export async function listBounds(
  cluster: KafkaCluster,
  topics: readonly ClusterTopic[],
): Promise<(readonly PartitionBounds[])[]> {
  const [starts, ends] = await Promise.all([
    listOffsets(cluster, topics, earliest),
    listOffsets(cluster, topics, latest),
  ]);
  return topics.map(({ name, leaders }, index) =>
    leaders.map((_, partition) => {
      const start = starts[index]?.[partition] ?? -1;
      const end = ends[index]?.[partition] ?? -1;
      if (start < 0 || end < 0)
        throw new BrokerRefusal("OFFSET_NOT_AVAILABLE", `partition ${partition} of \`${name}\``);
      return { partition, start, end: Math.max(start, end), bytes: undefined };
    }),
  );
}

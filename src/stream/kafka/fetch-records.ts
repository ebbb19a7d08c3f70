// Kafka's request for records (version 17, topics by id), with the batches left as bytes: they are decoded when they are read.
import type { KafkaCluster } from "./kafka-cluster.ts";
import { ByteReader } from "./wire/byte-reader.ts";
import type { AbortedTransaction } from "./wire/committed-records.ts";
import type { KafkaDriver } from "./kafka-driver.ts";
import { BrokerRefusal } from "./kafka-failure.ts";

type Connection = InstanceType<KafkaDriver["Connection"]>;

export interface FetchPosition {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchOptions {
  /** How long the broker may wait for the first record. */
  readonly maxWaitMs: number;
  /** Of each partition, as it is compressed; the first batch comes whatever its size. */
  readonly maxBytes: number;
}

export interface FetchedPartition extends FetchPosition {
  /** Kafka's name of what is wrong; the rest means nothing then. */
  readonly errorCode: string | undefined;
  readonly start: number;
  /** Where readers of committed records are stopped. */
  readonly stableEnd: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly batches: Buffer;
}

/** Fetches committed records, and what was thrown away between them. Without a session: each request says all. */
export async function fetchRecords(
  cluster: KafkaCluster,
  connection: Connection,
  positions: readonly FetchPosition[],
  { maxWaitMs, maxBytes }: FetchOptions,
): Promise<FetchedPartition[]> {
  const byTopic = Map.groupBy(positions, ({ topicId }) => topicId);
  const topics = [...byTopic].map(([topicId, inside]) => ({
    topicId,
    partitions: inside.map(({ partition, offset }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: maxBytes,
    })),
  }));
  const { createRequest } = cluster.driver.fetchV17;
  const total = Math.min(maxBytes * positions.length, maxAnswerBytes);
  const answer = Promise.withResolvers<Buffer>();
  connection.send(
    fetchKey,
    fetchVersion,
    () => createRequest(maxWaitMs, 1, total, readCommitted, 0, -1, topics, [], ""),
    (_id, _key, _version, { buffer, position, length }) => buffer.slice(position, length),
    true,
    true,
    (error, bytes) => (error === null && bytes !== undefined ? answer.resolve(bytes) : answer.reject(error)),
  );
  return readAnswer(cluster, new ByteReader(await answer.promise), positions);
}

const fetchKey = 1;
const fetchVersion = 17;
const readCommitted = 1;
const maxAnswerBytes = 16 * 1024 * 1024;

function readAnswer(
  cluster: KafkaCluster,
  reader: ByteReader,
  positions: readonly FetchPosition[],
): FetchedPartition[] {
  reader.int32();
  const refused = reader.int16();
  if (refused !== 0) throw new BrokerRefusal(cluster.codeName(refused), "fetching records");
  reader.int32();
  const offsets = new Map(positions.map(({ topicId, partition, offset }) => [`${topicId}/${partition}`, offset]));
  const fetched: FetchedPartition[] = [];
  for (let topics = reader.unsigned() - 1; topics > 0; topics -= 1) {
    const topicId = reader.uuid();
    for (let partitions = reader.unsigned() - 1; partitions > 0; partitions -= 1) {
      const partition = reader.int32();
      const offset = offsets.get(`${topicId}/${partition}`) ?? 0;
      fetched.push(readPartition(cluster, reader, { topicId, partition, offset }));
    }
    reader.skipTags();
  }
  return fetched;
}

function readPartition(cluster: KafkaCluster, reader: ByteReader, position: FetchPosition): FetchedPartition {
  const errorCode = reader.int16();
  reader.int64();
  const stableEnd = reader.int64();
  const start = reader.int64();
  const aborted: AbortedTransaction[] = [];
  for (let left = reader.unsigned() - 1; left > 0; left -= 1) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
    reader.skipTags();
  }
  reader.int32();
  const batches = reader.take(Math.max(0, reader.unsigned() - 1));
  reader.skipTags();
  return {
    ...position,
    errorCode: errorCode === 0 ? undefined : cluster.codeName(errorCode),
    start,
    stableEnd,
    aborted,
    batches,
  };
}

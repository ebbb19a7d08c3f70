// Kafka's request that writes (version 11): acknowledged by all replicas in sync, with batches that were encoded here.
import type { PlannedBatch } from "./batch-plan.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";
import { BrokerRefusal } from "./kafka-failure.ts";
import { writeBatch } from "./wire/record-batch.ts";

/** A producer as the broker knows it. */
export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

export interface SequencedBatch {
  readonly batch: PlannedBatch;
  readonly sequence: number;
}

/**
 * Sends at most one batch of each partition to the node that leads them, and tells the batches their offsets. The same batches
 * with the same sequences may be sent again: the broker knows them.
 */
export async function sendBatches(
  cluster: KafkaCluster,
  node: number,
  batches: readonly SequencedBatch[],
  producer: ProducerIdentity,
  transactionalId: string | null,
): Promise<void> {
  const { driver } = cluster;
  const encoded = batches.map(({ batch, sequence }) => ({
    topic: batch.topic,
    partition: batch.partition,
    bytes: writeBatch(
      batch.records,
      { ...producer, sequence, isTransactional: transactionalId !== null },
      driver.crc32c,
    ),
  }));
  const topics = [...Map.groupBy(encoded, ({ topic }) => topic)];
  const connection = await cluster.connection(node, "requests");
  const answered = Promise.withResolvers<Awaited<ReturnType<typeof driver.produceV11.parseResponse>>>();
  connection.send(
    produceKey,
    produceVersion,
    () =>
      driver.Writer.create()
        .appendString(transactionalId)
        .appendInt16(acksOfAll)
        .appendInt32(replicaTimeoutMs)
        .appendArray(topics, (writer, [topic, parts]) => {
          writer.appendString(topic).appendArray(parts, (inner, { partition, bytes }) => {
            inner
              .appendInt32(partition)
              .appendUnsignedVarInt(bytes.length + 1)
              .append(bytes);
          });
        })
        .appendTaggedFields(),
    driver.produceV11.parseResponse,
    true,
    true,
    (error, answer) => (error === null && answer !== undefined ? answered.resolve(answer) : answered.reject(error)),
  );
  const { responses } = await answered.promise;
  for (const { batch } of batches) {
    const topic = responses.find(({ name }) => name === batch.topic);
    const part = topic?.partitionResponses.find(({ index }) => index === batch.partition);
    if (part === undefined) throw new BrokerRefusal("UNKNOWN_TOPIC_OR_PARTITION", `topic \`${batch.topic}\``);
    batch.firstOffset = Number(part.baseOffset);
  }
}

const produceKey = 0;
const produceVersion = 11;
const acksOfAll = -1;
const replicaTimeoutMs = 20_000;

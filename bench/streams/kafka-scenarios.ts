// Records of a topic on Kafka: read by our log, by kafkajs and by the stream of `@platformatic/kafka`; counted; and passed on to another topic.
import { Consumer, Producer } from "@platformatic/kafka";
import { Kafka, logLevel } from "kafkajs";
import { z } from "zod";
import { defineTopic } from "../../src/core/stream/topic.ts";
import { streamJob } from "../../src/stream/jobs/stream-job.ts";
import { openLog } from "../../tests/support/kafka/open-log.ts";
import { type CountInput, countRecords, countWithStore, pipeRecords } from "./count-scenarios.ts";
import { defineEvents } from "./keyed-events.ts";
import type { StreamSide } from "./stream-side.ts";
import { openStreams } from "./streams-under-bench.ts";

export interface KafkaInput extends CountInput {
  readonly broker: string;
  /** A consumer group that nobody had before, where it is to begin at the beginning. */
  readonly group: string;
}

const events = defineEvents("events");
const results = defineTopic({ name: "results", partitions: 4, schema: z.object({ id: z.string() }) });
const readBytes = 1_048_576;
/** Of one transaction of the loop by hand; about what a chunk of ours has. */
const transactionRecords = 10_000;

/** All partitions side by side, from the first record that came to the last one. */
export async function readWithLog({ broker, count }: KafkaInput): Promise<StreamSide> {
  await using log = await openLog({ brokers: [broker] }, 60_000);
  const topic = await log.findTopic(events.name);
  if (topic === undefined) throw new Error("the topic is not there");
  const meter = new Meter(count);
  await Promise.all(
    topic.bounds.map(async ({ partition, start, end }) => {
      for (let from = start; from < end;) {
        const read = await log.read({ topic, partition, from, maxBytes: readBytes });
        meter.note(read.records.length);
        from = read.next;
      }
    }),
  );
  return await meter.done;
}

export async function readWithKafkajs({ broker, count, group }: KafkaInput): Promise<StreamSide> {
  const consumer = kafkajsOf(broker).consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic: events.name, fromBeginning: true });
  const meter = new Meter(count);
  await consumer.run({ eachBatch: async ({ batch }) => void meter.note(batch.messages.length) });
  const side = await meter.done;
  await consumer.disconnect();
  return side;
}

export async function readWithPlatformatic({ broker, count, group }: KafkaInput): Promise<StreamSide> {
  const consumer = new Consumer({ clientId: "bench", groupId: group, bootstrapBrokers: [broker] });
  const stream = await consumer.consume({ topics: [events.name], mode: "earliest", autocommit: false });
  const meter = new Meter(count);
  for await (const _message of stream) if (meter.note(1)) break;
  await consumer.close(true);
  return await meter.done;
}

/** Counts in a local store, offsets and counts in one transaction of its file. */
export async function countOnKafka({ broker, ...input }: KafkaInput): Promise<StreamSide> {
  await using log = await openLog({ brokers: [broker] }, 60_000);
  return await countWithStore(input, log);
}

/** A record for each, in one transaction of Kafka with the offsets. */
export async function pipeOnKafka({ broker, ...input }: KafkaInput): Promise<StreamSide> {
  await using log = await openLog({ brokers: [broker] }, 60_000);
  return await pipeRecords(input, log);
}

/** The same with the client that our log is made from: a transaction for as many records at once. */
export async function pipeWithPlatformatic({ broker, count, group }: KafkaInput): Promise<StreamSide> {
  await using log = await openLog({ brokers: [broker] }, 60_000);
  const { name, partitions } = results;
  await log.declareTopic({ name, partitions, retentionMs: undefined });
  const before = await countRecords(log, results);
  const producer = new Producer({
    clientId: "bench",
    bootstrapBrokers: [broker],
    idempotent: true,
    transactionalId: group,
    timeout: 30_000,
  });
  const consumer = new Consumer({ clientId: "bench", groupId: group, bootstrapBrokers: [broker] });
  const stream = await consumer.consume({ topics: [events.name], mode: "earliest", autocommit: false });
  type Message = typeof stream extends AsyncIterable<infer Item> ? Item : never;
  let batch: Message[] = [];
  const write = async (): Promise<void> => {
    const transaction = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    await transaction.addConsumer(consumer);
    const messages = batch.map(({ value }) => toResult(value));
    await transaction.send({ messages });
    const last = new Map(batch.map((message) => [message.partition, message]));
    for (const message of last.values()) await transaction.addOffset(message);
    await transaction.commit();
    meter.note(batch.length);
    batch = [];
  };
  const meter = new Meter(count);
  const startedAtMs = performance.now();
  let received = 0;
  for await (const message of stream) {
    batch.push(message);
    received += 1;
    if (batch.length === transactionRecords || received === count) await write();
    if (received === count) break;
  }
  const ms = performance.now() - startedAtMs;
  await consumer.close(true);
  await producer.close();
  return { ms, records: (await countRecords(log, results)) - before };
}

/** From the start of this process to its first record, in a group that has been at work before. */
export async function firstRecord({ broker, ...place }: KafkaInput): Promise<StreamSide> {
  await using log = await openLog({ brokers: [broker] }, 60_000);
  await using streams = await openStreams({ ...place, log });
  const came = Promise.withResolvers<number>();
  const job = streamJob({ name: "first", topic: events, handle: () => came.resolve(performance.now()) });
  await streams.work(job);
  return { ms: await came.promise, records: 1 };
}

export async function firstRecordWithKafkajs({ broker, group }: KafkaInput): Promise<StreamSide> {
  const consumer = kafkajsOf(broker).consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topic: events.name, fromBeginning: true });
  const came = Promise.withResolvers<number>();
  await consumer.run({ eachMessage: async () => came.resolve(performance.now()) });
  const ms = await came.promise;
  await consumer.disconnect();
  return { ms, records: 1 };
}

function kafkajsOf(broker: string): Kafka {
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
}

function toResult(value: Buffer | undefined): {
  readonly topic: string;
  readonly partition: number;
  readonly value: Buffer;
} {
  const { id } = JSON.parse(String(value)) as { readonly id: string };
  return {
    topic: results.name,
    partition: id.charCodeAt(id.length - 1) % results.partitions,
    value: Buffer.from(`{"id":"${id}"}`),
  };
}

/** Time from the first record that came to the last one, and that of the processor. */
class Meter {
  readonly #count: number;
  readonly #done = Promise.withResolvers<StreamSide>();
  #startedAtMs: number | undefined;
  #records = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get done(): Promise<StreamSide> {
    return this.#done.promise;
  }

  /** @returns whether all have come */
  note(records: number): boolean {
    if (records > 0) this.#startedAtMs ??= performance.now();
    this.#records += records;
    if (this.#records < this.#count) return false;
    this.#done.resolve({ ms: performance.now() - (this.#startedAtMs ?? Number.NaN), records: this.#records });
    return true;
  }
}

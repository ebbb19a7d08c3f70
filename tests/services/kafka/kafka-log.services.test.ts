// The log on a real Kafka, beside clients of other people: what they write is read here, and what is written here they read.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Producer } from "@platformatic/kafka";
import { CompressionTypes, Kafka, logLevel, type Transaction } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { StreamLog, TopicState } from "../../../src/core/stream/stream-log.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { record } from "../../support/kafka/batches.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { authority } from "../../support/http/certificates.ts";
import { openLog } from "../../support/kafka/open-log.ts";
import { describeStreamLog } from "../../conformance/streams/log.ts";
import { readAll, texts } from "../../conformance/streams/log-fixture.ts";
import { kafkaAccount, type KafkaBroker, startKafka } from "./kafka-broker.ts";

let broker: KafkaBroker;
let log: StreamLog;
/** All that outlive a test. */
const logs: StreamLog[] = [];
let kafkajs: Kafka;
let names = 0;

beforeAll(async () => {
  broker = await startKafka();
  log = await openLog({ brokers: [broker.address] }, 60_000);
  logs.push(log);
  await connectAgain();
  kafkajs = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
});

// A log keeps the connections that it has used; with those of each kind open before and after a test, others are leaks.
afterEach(connectAgain);

afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

const traits = { tooLargeBytes: 2_000_000, keepsMarks: true, takesLargeHeaders: false, manyPartitions: 300 };

describeStreamLog(
  "kafka",
  async () => {
    const other = await openLog({ brokers: [broker.address] }, 60_000);
    logs.push(other);
    await connectAgain();
    const close = async (): Promise<void> => {
      logs.splice(logs.indexOf(other), 1);
      await other[Symbol.asyncDispose]();
    };
    return { log, other, [Symbol.asyncDispose]: close };
  },
  traits,
);

describe("transactions of another client", () => {
  test("are seen when they are committed, and only then; the position passes their ends", async () => {
    const topic = await newTopic();
    const producer = kafkajs.producer({ transactionalId: topic.name, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    await writeTransaction(producer.transaction.bind(producer), topic, ["a", "b"], "abort");
    await writeTransaction(producer.transaction.bind(producer), topic, ["c"], "commit");
    await writeTransaction(producer.transaction.bind(producer), topic, ["d"], "abort");
    await writeTransaction(producer.transaction.bind(producer), topic, ["e"], "commit");
    await producer.disconnect();
    await expect.poll(async () => (await bounds(topic)).end).toBe(9);
    const read = await log.read({ topic, partition: 0, from: 0, maxBytes: 1_000_000 });
    expect([texts(read.records), read.next, read.end]).toEqual([["c", "e"], 9, 9]);
  });

  test("hold readers of their partition where they began while they are open, and no other partition", async () => {
    const topic = await newTopic(2);
    await append(topic, ["before"]);
    const producer = kafkajs.producer({ transactionalId: topic.name, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const open = await producer.transaction();
    await open.send({ topic: topic.name, messages: [{ value: "open", partition: 0 }] });
    await append(topic, ["behind"]);
    await append(topic, ["aside"], 1);
    expect(texts(await readAll(log, topic))).toEqual(["before"]);
    expect(texts(await readAll(log, topic, 1))).toEqual(["aside"]);
    const positions = [{ topic, partition: 0, offset: 1 }];
    const woken = log.waitForRecords(positions, { timeoutMs: 20_000, signal: AbortSignal.timeout(30_000) });
    await open.commit();
    await woken;
    await expect.poll(async () => texts(await readAll(log, topic))).toEqual(["before", "open", "behind"]);
    await producer.disconnect();
  });
});

test("batches of every codec are read", async () => {
  const topic = await newTopic();
  const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
  const producer = new Producer({ clientId: "codecs", bootstrapBrokers: [broker.address] });
  for (const compression of codecs) {
    const value = Buffer.from(`${compression} `.repeat(100));
    await producer.send({ messages: [{ topic: topic.name, partition: 0, key: Buffer.from("k"), value }], compression });
  }
  await producer.close();
  const js = kafkajs.producer();
  await js.connect();
  await js.send({ topic: topic.name, compression: CompressionTypes.GZIP, messages: [{ value: "js", partition: 0 }] });
  await js.disconnect();
  const values = texts(await readAll(log, topic)).map((text) => text?.split(" ")[0]);
  expect(values).toEqual([...codecs, "js"]);
});

test("what is written here is read by Kafka's own consumer and by kafkajs, with headers and times", async () => {
  const topic = await newTopic(2);
  const headers = [{ name: "trace", value: Buffer.from("1") }];
  const parts = [
    { partition: 0, records: [{ ...record("a", "k"), headers, timeMs: 1_700_000_000_123 }] },
    { partition: 1, records: [record("b"), record("c")] },
  ];
  await log.append({ topic, parts });
  expect((await broker.consume(topic.name, 3)).toSorted()).toEqual(["a", "b", "c"]);
  const [first] = await consumeWithKafkajs(topic.name, 3);
  expect(first).toEqual({ key: "k", value: "a", trace: "1", timestamp: "1700000000123" });
});

test("a topic that others have made may refuse times that are far ahead, and the setting is named", async () => {
  const admin = kafkajs.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: "made_by_others", numPartitions: 1 }] });
  await admin.disconnect();
  const topic = await log.findTopic("made_by_others");
  if (topic === undefined) throw new Error("no topic");
  const appendAt = async (timeMs: number) =>
    await log.append({ topic, parts: [{ partition: 0, records: [record("a", null, timeMs)] }] });
  const failure = await expectFailure(appendAt(Date.now() + 7_200_000));
  expect(failure).toMatchObject({ code: "RECORD_INVALID", disposition: "fail" });
  expect(failure.hint).toContain("message.timestamp.after.max.ms");
  await appendAt(Date.now() - 10 * 366 * 86_400_000);
  expect(await readAll(log, topic)).toHaveLength(1);
});

test("transactions that last longer than clients usually allow are there once", async () => {
  const topic = await newTopic(3);
  const total = 40;
  let appended = 0;
  const writing = (async () => {
    for (; appended < total; appended += 1)
      await log.append({
        topic,
        parts: [0, 1, 2].map((partition) => ({ partition, records: [record(`${appended}`)] })),
      });
  })();
  await expect.poll(() => appended, { interval: 1, timeout: 20_000 }).toBeGreaterThan(5);
  await broker.freeze(7_000);
  expect(appended).toBeLessThan(total);
  await writing;
  const values = Array.from({ length: total }, (_, index) => `${index}`);
  for (const partition of [0, 1, 2]) expect(texts(await readAll(log, topic, partition))).toEqual(values);
});

describe("a listener with TLS and accounts", () => {
  const tls = { ca: authority };

  test.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const)("lets an account in by %s", async (mechanism) => {
    const settings = { brokers: [broker.secureAddress], tls, sasl: { mechanism, ...kafkaAccount } };
    await using secure = await openLog(settings, 5_000);
    const topic = await secure.declareTopic({
      name: `t_${mechanism.toLowerCase()}`,
      partitions: 1,
      retentionMs: 60_000,
    });
    await secure.append({ topic, parts: [{ partition: 0, records: [record("a")] }] });
    expect(texts(await readAll(secure, topic))).toEqual(["a"]);
  });

  test("refuses a wrong password for good, by every mechanism", async () => {
    for (const mechanism of ["PLAIN", "SCRAM-SHA-512"] as const) {
      const sasl = { mechanism, username: kafkaAccount.username, password: "wrong" };
      await using secure = await openLog({ brokers: [broker.secureAddress], tls, sasl }, 20_000);
      const failure = await expectFailure(secure.listTopics());
      expect(failure).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
    }
  });

  test("says which setting is wrong when the authority is unknown, and when TLS is left out", async () => {
    const sasl = { mechanism: "PLAIN", ...kafkaAccount } as const;
    await using unknown = await openLog({ brokers: [broker.secureAddress], tls: true, sasl }, 20_000);
    expect((await expectFailure(unknown.listTopics())).code).toBe("CERTIFICATE_INVALID");
    await using plain = await openLog({ brokers: [broker.secureAddress] }, 20_000);
    expect((await expectFailure(plain.listTopics())).code).toBe("TLS_FAILED");
  });
});

test("how far a group is can be seen with Kafka's tools", async () => {
  const topic = await newTopic();
  await append(topic, ["a", "b", "c"]);
  const shown = await openLog({ brokers: [broker.address] }, 5_000);
  for (const offset of [1, 2, 3]) shown.publishOffsets?.("shown", [{ topic, partition: 0, offset }]);
  await shown[Symbol.asyncDispose]();
  const admin = kafkajs.admin();
  await admin.connect();
  const [of] = await admin.fetchOffsets({ groupId: "millrace.shown", topics: [topic.name] });
  await admin.disconnect();
  expect(of?.partitions).toMatchObject([{ partition: 0, offset: "3" }]);
});

describe("Kafka to Kafka", () => {
  test("whoever takes a partition over fences its former owner, and goes on where that one came to", async () => {
    const [input, output] = [await newTopic(), await newTopic()];
    await append(input, ["a", "b", "c"]);
    await using other = await openLog({ brokers: [broker.address] }, 5_000);
    const place = { group: "fenced", partition: 0 };
    const at = (offset: number) => [{ topic: input, partition: 0, offset }];
    const deliver = async (by: StreamLog, from: number, to: number, value: string) =>
      await by.deliverProduced?.({
        place,
        moves: [{ topic: input, partition: 0, from, to }],
        appends: [{ topic: output, parts: [{ partition: 0, records: [record(value)] }] }],
      });
    expect(await log.takeOver?.(place, at(0))).toEqual(at(0));
    await deliver(log, 0, 1, "first");
    // The store did not hear of it, and learns it here.
    expect(await other.takeOver?.(place, at(0))).toEqual(at(1));
    expect((await expectFailure(deliver(log, 1, 2, "late") as Promise<unknown>)).code).toBe("PARTITION_LOST");
    await deliver(other, 1, 3, "second");
    expect(texts(await readAll(log, output))).toEqual(["first", "second"]);
    // A person has moved the group in the store: that holds.
    expect(await other.takeOver?.(place, at(2))).toEqual(at(2));
  });

  test("a delivery without a record moves the position alone, and the next one has its records", async () => {
    const [input, output] = [await newTopic(), await newTopic()];
    await append(input, ["a", "b"]);
    const place = { group: "sparse", partition: 0 };
    const at = (offset: number) => [{ topic: input, partition: 0, offset }];
    const deliver = async (from: number, values: readonly string[]) =>
      await log.deliverProduced?.({
        place,
        moves: [{ topic: input, partition: 0, from, to: from + 1 }],
        appends: values.map((value) => ({ topic: output, parts: [{ partition: 0, records: [record(value)] }] })),
      });
    await log.takeOver?.(place, at(0));
    await deliver(0, []);
    await deliver(1, ["second"]);
    expect(texts(await readAll(log, output))).toEqual(["second"]);
    await using other = await openLog({ brokers: [broker.address] }, 5_000);
    expect(await other.takeOver?.(place, at(1))).toEqual(at(2));
  });

  test("a job that produces is exact, although the store often does not hear of what Kafka has", async () => {
    const [from, to] = [2, 3].map((partitions) =>
      defineTopic({ name: `jobs_${partitions}`, partitions, schema: z.number() }),
    );
    if (from === undefined || to === undefined) throw new Error("no topics");
    const job = streamJob({
      name: "copy_on_kafka",
      topic: from,
      produces: [to],
      handle: (value, ctx) => ctx.produce(to, [value]),
    });
    await using own = await openLog({ brokers: [broker.address] }, 60_000);
    await using fixture = await createStreamFixture("sqlite", own);
    let writes = 0;
    const deaf = new Proxy(fixture.store, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...given: unknown[]): unknown => {
          if (name === "deliver" && ++writes % 4 === 3) throw new MillraceError("STORE_UNAVAILABLE", "away");
          return Reflect.apply(method, target, given);
        };
      },
    });
    const values = Array.from({ length: 300 }, (_, index) => index);
    await fixture.produce(from, values.slice(0, 50));
    await fixture.startWorker([job], { store: deaf });
    await fixture.submit(job);
    for (let wave = 50; wave < 300; wave += 50) {
      await fixture.until(async () => (await fixture.valuesOf(to)).length >= wave);
      await fixture.produce(from, values.slice(wave, wave + 50));
    }
    await fixture.untilCaughtUp(from, "copy_on_kafka");
    expect(writes).toBeGreaterThan(6);
    expect((await fixture.valuesOf(to)).toSorted((a, b) => Number(a) - Number(b))).toEqual(values);
  });

  test("twenty workers that are killed leave each record once, as an independent reader counts", async () => {
    const [input, output] = [await newTopic(), await newTopic()];
    const total = 4_000;
    const values = Array.from({ length: total }, (_, index) => `${index}`);
    for (let at = 0; at < total; at += 1_000) await append(input, values.slice(at, at + 1_000));
    const folder = await mkdtemp(join(tmpdir(), "millrace-copies-"));
    const program = fileURLToPath(new URL("../../support/kafka/copy-topic.ts", import.meta.url));
    const work = async (isEnd: () => Promise<boolean>): Promise<void> => {
      const child = fork(program, [broker.address, input.name, output.name, join(folder, "position")]);
      await once(child, "message");
      while (!(await isEnd())) await new Promise((resolve) => setTimeout(resolve, 5));
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    };
    for (let kill = 0; kill < 20; kill += 1) {
      const before = (await bounds(output)).end;
      await work(async () => (await bounds(output)).end > before + 20 + kill * 5);
    }
    await work(async () => (await readAll(log, output)).length >= total);
    await rm(folder, { recursive: true });
    const seen = await broker.consume(output.name, total + 1);
    expect([seen.length, new Set(seen).size]).toEqual([total, total]);
    expect(seen).toEqual(values);
  });
});

test.each(["now", "long ago"])(
  "a broker that is killed is ridden out with records of %s: none is lost or there twice, readers go on",
  async (age) => {
    const topic = await newTopic(2);
    const timeMs = age === "now" ? Date.now() : 1_000;
    const total = 300;
    let appended = 0;
    const writing = (async () => {
      for (; appended < total; appended += 1) {
        const parts = [0, 1].map((partition) => ({ partition, records: [record(`${appended}`, null, timeMs)] }));
        await log.append(appended % 2 === 0 ? { topic, parts } : { topic, parts: parts.slice(0, 1) });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const seen: (string | null)[] = [];
    const reading = (async () => {
      for (let from = 0; seen.length < total;) {
        await log.waitForRecords([{ topic, partition: 0, offset: from }], {
          timeoutMs: 1_000,
          signal: AbortSignal.timeout(60_000),
        });
        const { records, next } = await log.read({ topic, partition: 0, from, maxBytes: 1_000_000 });
        seen.push(...texts(records));
        from = next;
      }
    })();
    await expect.poll(() => appended, { timeout: 20_000 }).toBeGreaterThan(50);
    await broker.kill();
    await broker.start();
    await Promise.all([writing, reading]);
    const values = Array.from({ length: total }, (_, index) => `${index}`);
    expect(seen).toEqual(values);
    expect(texts(await readAll(log, topic, 1))).toEqual(values.filter((_, index) => index % 2 === 0));
  },
);

async function connectAgain(): Promise<void> {
  for (const one of logs) {
    const topic = await one.declareTopic({ name: "connected", partitions: 1, retentionMs: undefined });
    const { end } = await one.read({ topic, partition: 0, from: 0, maxBytes: 1 });
    const position = { topic, partition: 0, offset: end };
    await one.waitForRecords([position], { timeoutMs: 1, signal: AbortSignal.timeout(5_000) });
  }
}

async function newTopic(partitions = 1): Promise<TopicState> {
  names += 1;
  return await log.declareTopic({ name: `services_${names}`, partitions, retentionMs: undefined });
}

async function append(topic: TopicState, values: readonly string[], partition = 0): Promise<void> {
  await log.append({ topic, parts: [{ partition, records: values.map((value) => record(value)) }] });
}

async function bounds({ name }: TopicState): Promise<{ readonly start: number; readonly end: number }> {
  return (await log.findTopic(name))?.bounds[0] ?? { start: 0, end: 0 };
}

async function writeTransaction(
  begin: () => Promise<Transaction>,
  topic: TopicState,
  values: readonly string[],
  end: "commit" | "abort",
): Promise<void> {
  const transaction = await begin();
  await transaction.send({ topic: topic.name, messages: values.map((value) => ({ value, partition: 0 })) });
  await transaction[end]();
}

async function consumeWithKafkajs(topic: string, count: number): Promise<unknown[]> {
  const consumer = kafkajs.consumer({ groupId: `read ${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const seen: { readonly key: string | undefined; readonly value: string | undefined }[] = [];
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message: { key, value, headers, timestamp } }) => {
        const trace = headers?.["trace"]?.toString();
        seen.push({
          key: key?.toString(),
          value: value?.toString(),
          ...(trace === undefined ? {} : { trace, timestamp }),
        });
        if (seen.length === count) resolve();
      },
    });
  });
  await consumer.disconnect();
  return seen.toSorted((a, b) => ((a.value ?? "") < (b.value ?? "") ? -1 : 1));
}

// The log against a broker that misbehaves. What it does against a real one is in tests/services/kafka.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PartitionBytes, record } from "../../../tests/support/kafka/batches.ts";
import { apis, FakeBroker } from "../../../tests/support/kafka/fake-broker.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { openLog } from "../../../tests/support/kafka/open-log.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import type { KafkaSettings } from "./kafka-settings.ts";

const topic = { name: "orders", id: "00000000-0000-4000-8000-000000000001" };
let broker: FakeBroker;
let log: StreamLog;

beforeEach(async () => {
  broker = new FakeBroker();
  await broker.start();
  log = await open();
});

afterEach(async () => {
  await log[Symbol.asyncDispose]();
  await broker.stop();
});

describe("reading", () => {
  test("goes on where it was when the broker comes back", async () => {
    broker.addTopic("orders", topic.id, new PartitionBytes().add(["a"]).add(["b"]).batches);
    expect((await read(0)).next).toBe(2);
    await broker.stop();
    const waiting = read(0);
    await broker.start();
    expect((await waiting).records).toHaveLength(2);
  });

  test("says that the log is away when it stays away, and is tried again", async () => {
    broker.addTopic("orders", topic.id);
    await read(0);
    await broker.stop();
    const failure = await expectFailure(read(0));
    expect(failure).toMatchObject({ code: "LOG_UNAVAILABLE", disposition: "retry" });
    expect(failure.message).toMatch(/^reading partition 0 of `orders` on Kafka: /);
  });

  test("asks who leads the partition when that has changed", async () => {
    broker.addTopic("orders", topic.id, new PartitionBytes().add(["a"]).batches);
    await read(0);
    broker.fetchError = 6;
    broker.onRequest = (key) => {
      if (key === apis.metadata) broker.fetchError = 0;
      return "answer";
    };
    expect((await read(0)).records).toHaveLength(1);
  });

  test("tells both bounds when the position is outside of them, and never jumps", async () => {
    const { batches } = new PartitionBytes().add(["a"]).add(["b"]).add(["c"]);
    broker.addTopic("orders", topic.id, batches.slice(2)).start = 2;
    const failure = await expectFailure(read(0));
    expect(failure).toMatchObject({ code: "OFFSET_OUT_OF_RANGE", details: { offset: 0, start: 2, end: 3 } });
    expect((await expectFailure(read(9))).code).toBe("OFFSET_OUT_OF_RANGE");
    expect((await read(3)).records).toEqual([]);
  });

  test("stops at a topic that was made anew under the name, and at one that is gone", async () => {
    broker.addTopic("orders", topic.id, new PartitionBytes().add(["a"]).batches);
    await read(0);
    broker.addTopic("orders", "00000000-0000-4000-8000-000000000002", new PartitionBytes().add(["other"]).batches);
    expect((await expectFailure(read(1))).code).toBe("TOPIC_CHANGED");
    broker.topics.delete("orders");
    expect((await expectFailure(read(1))).code).toBe("TOPIC_UNKNOWN");
  });

  test("fetches one answer ahead, gives it to who reads on and drops it for who does not", async () => {
    const bytes = new PartitionBytes().add(["a"]).add(["b"]);
    broker.addTopic("orders", topic.id, bytes.batches);
    const first = await log.read({ topic, partition: 0, from: 0, maxBytes: 1 });
    expect(first).toMatchObject({ next: 1, end: 2 });
    const fetches = broker.seen.filter((key) => key === apis.fetch).length;
    expect((await log.read({ topic, partition: 0, from: 1, maxBytes: 1 })).next).toBe(2);
    expect(broker.seen.filter((key) => key === apis.fetch)).toHaveLength(fetches);
    expect((await read(0)).records).toHaveLength(2);
    expect(broker.seen.filter((key) => key === apis.fetch)).toHaveLength(fetches + 1);
  });

  test("ends with the signal, although no answer comes", async () => {
    broker.addTopic("orders", topic.id);
    await read(0);
    const stop = new AbortController();
    broker.onRequest = (key) => {
      if (key === apis.fetch) stop.abort(new Error("stopped"));
      return key === apis.fetch ? "swallow" : "answer";
    };
    await expect(log.read({ topic, partition: 0, from: 0, maxBytes: 1, signal: stop.signal })).rejects.toThrow(
      "stopped",
    );
    const { signal } = stop;
    await log.waitForRecords([{ topic, partition: 0, offset: 0 }], { timeoutMs: 60_000, signal });
  });
});

describe("appending", () => {
  test("sends a batch again whose answer was lost, under the same sequence", async () => {
    broker.addTopic("orders", topic.id);
    let isLost = false;
    broker.onRequest = (key) => {
      if (key !== apis.produce || isLost) return "answer";
      isLost = true;
      return "close";
    };
    expect(await append("a", "b")).toEqual([{ partition: 0, from: 0, to: 2 }]);
    expect(await append("c")).toEqual([{ partition: 0, from: 2, to: 3 }]);
    expect(broker.sequences).toEqual([0, 0, 2]);
    expect((await read(0)).records).toHaveLength(3);
  });

  test("puts what comes meanwhile into one batch, each with its own offsets", async () => {
    broker.addTopic("orders", topic.id);
    const ranges = await Promise.all(["a", "b", "c", "d"].map(async (value) => await append(value)));
    expect(ranges.flat().map(({ from }) => from)).toEqual([0, 1, 2, 3]);
    expect(broker.sequences.length).toBeLessThan(4);
  });

  test("a record that the broker refuses takes no append with it that it shares a batch with", async () => {
    broker.addTopic("orders", topic.id);
    const invalidTimestamp = 32;
    broker.produceError = (batch) => (batch.includes("wrong") ? invalidTimestamp : 0);
    // the first is under way while the others come
    const outcomes = await Promise.allSettled(["a", "b", "wrong", "c"].map(async (value) => await append(value)));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    const [refused] = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    expect(refused).toMatchObject({ code: "RECORD_INVALID", disposition: "fail" });
    const values = (await read(0)).records.map(({ value }) => Buffer.from(value ?? []).toString());
    expect(values).toEqual(["a", "b", "c"]);
  });

  test("refuses a record above the limit before anything is sent", async () => {
    broker.addTopic("orders", topic.id);
    const failure = await expectFailure(append("a", "x".repeat(2_000_000)));
    expect(failure).toMatchObject({ code: "RECORD_TOO_LARGE", details: { topic: "orders", maxBytes: 1_048_588 } });
    expect(broker.seen).not.toContain(apis.produce);
  });

  test("refuses a topic that was made anew", async () => {
    broker.addTopic("orders", "00000000-0000-4000-8000-000000000002");
    expect((await expectFailure(append("a"))).code).toBe("TOPIC_CHANGED");
  });
});

test.each([
  ["answers nothing", "swallow"],
  ["closes every connection", "close"],
] as const)("ends at once what is under way when it is closed, although the broker %s", async (_, reaction) => {
  broker.addTopic("orders", topic.id);
  await read(0);
  await using closing = await openLog({ brokers: [`127.0.0.1:${broker.port}`] }, 60_000);
  await closing.read({ topic, partition: 0, from: 0, maxBytes: 1 });
  broker.onRequest = () => reaction;
  const { signal } = new AbortController();
  const asked = broker.seen.length;
  const records = [record("a")];
  const work = [
    closing.read({ topic, partition: 0, from: 0, maxBytes: 1 }),
    closing.append({ topic, parts: [{ partition: 0, records }] }),
    closing.findTopic("orders"),
    closing.waitForRecords([{ topic, partition: 0, offset: 0 }], { timeoutMs: 20_000, signal }),
  ];
  const ended = Promise.allSettled(work);
  closing.publishOffsets?.("ship", [{ topic, partition: 0, offset: 0 }]);
  await expect.poll(() => broker.seen.length).toBeGreaterThan(asked + 1);
  const beganAt = performance.now();
  await closing[Symbol.asyncDispose]();
  const outcomes = await ended;
  expect(performance.now() - beganAt).toBeLessThan(3_000);
  expect(outcomes.slice(0, 3).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});

test("a wrong password is for a person to correct, and is not tried again", async () => {
  broker.passwords = ["right"];
  broker.addTopic("orders", topic.id, new PartitionBytes().add(["a"]).batches);
  const sasl = { mechanism: "PLAIN", username: "millrace" } as const;
  await using wrong = await open({ sasl: { ...sasl, password: "wrong" } });
  const failure = await expectFailure(wrong.findTopic("orders"));
  expect(failure).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
  expect(failure.message).not.toContain("wrong");
  await using right = await open({ sasl: { ...sasl, password: "right" } });
  expect((await right.read({ topic, partition: 0, from: 0, maxBytes: 1 })).records).toHaveLength(1);
});

async function open(more: Partial<KafkaSettings> = {}): Promise<StreamLog> {
  return await openLog({ brokers: [`127.0.0.1:${broker.port}`], ...more }, 400);
}

async function read(from: number): ReturnType<StreamLog["read"]> {
  return await log.read({ topic, partition: 0, from, maxBytes: 1_000_000 });
}

async function append(...values: string[]): ReturnType<StreamLog["append"]> {
  return await log.append({ topic, parts: [{ partition: 0, records: values.map((value) => record(value)) }] });
}

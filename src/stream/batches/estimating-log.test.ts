import { afterEach, beforeEach, expect, test } from "vitest";
import { PartitionBytes, record } from "../../../tests/support/kafka/batches.ts";
import { FakeBroker } from "../../../tests/support/kafka/fake-broker.ts";
import { openLog } from "../../../tests/support/kafka/open-log.ts";
import { MemoryLog } from "../../../tests/support/streams/memory-log.ts";
import type { BatchLimits, BatchLog } from "../../core/stream/batch.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import { estimatingLog } from "./estimating-log.ts";

const orders = { name: "orders", id: "00000000-0000-4000-8000-000000000001" };
const all = { records: undefined, bytes: undefined, untilMs: undefined };
const clock = { now: () => Date.now() };
let broker: FakeBroker;
let kafka: StreamLog;
let log: BatchLog;

beforeEach(async () => {
  broker = new FakeBroker();
  await broker.start();
  kafka = await openLog({ brokers: [`127.0.0.1:${broker.port}`] }, 2_000);
  log = estimatingLog(kafka, clock);
});

afterEach(async () => {
  await kafka[Symbol.asyncDispose]();
  await broker.stop();
});

test("finds topics by their names, and leaves out those that are not there", async () => {
  expect(await log.findTopics(["orders"])).toEqual([]);
  broker.addTopic("orders", orders.id);
  expect((await log.findTopics(["orders"])).map(({ id }) => id)).toEqual([orders.id]);
});

test("records are counted by offsets, bytes by the first page, and the first record says since when they wait", async () => {
  const before = Date.now();
  broker.addTopic("orders", orders.id, new PartitionBytes().add(["aaaa", "bbbb"]).add(["cccc"]).batches);
  const [size, none] = await log.measure([range(0, 3), range(3, 3)]);
  expect([size?.records, size?.bytes, none]).toEqual([3, 12, undefined]);
  expect(size?.firstAtMs).toBeGreaterThanOrEqual(before);
  expect(size?.firstAtMs).toBeLessThanOrEqual(Date.now());
});

test("a record whose time is ahead of the clock waits since now", async () => {
  broker.addTopic("orders", orders.id, new PartitionBytes().add(["a"]).batches);
  const [size] = await estimatingLog(kafka, { now: () => 5 }).measure([range(0, 1)]);
  expect(size?.firstAtMs).toBe(5);
});

test("a batch begins at its first record, behind what a transaction that was given up has left", async () => {
  const bytes = new PartitionBytes().add(["gone"], 7).end(7, "commit").add(["a", "b", "c"]);
  broker.addTopic("orders", orders.id, bytes.batches);
  expect(await log.cut([range(1, 5)], { ...all, records: 2 })).toEqual([range(2, 4)]);
  expect(await log.measure([range(1, 2)])).toEqual([undefined]);
});

test("a batch takes records of the partition that has waited longest first, up to its limits", async () => {
  const memory = new MemoryLog();
  const topic = await memory.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
  const parts = [
    { partition: 0, records: [record("aa", null, 20), record("bb", null, 30), record("cc", null, 40)] },
    { partition: 1, records: [record("dd", null, 10), record("ee", null, 50)] },
  ];
  await memory.append({ topic, parts });
  const waiting = [
    { topic, partition: 0, from: 0, to: 3 },
    { topic, partition: 1, from: 0, to: 2 },
  ];
  const cut = async (limits: Partial<BatchLimits>): Promise<string[]> =>
    (await estimatingLog(memory, clock).cut(waiting, { ...all, ...limits })).map(
      ({ partition, from, to }) => `${partition}/${from}-${to}`,
    );
  expect(await cut({})).toEqual(["1/0-2", "0/0-3"]);
  expect(await cut({ records: 4 })).toEqual(["1/0-2", "0/0-2"]);
  expect(await cut({ bytes: 3 })).toEqual(["1/0-2"]);
  expect(await cut({ untilMs: 30 })).toEqual(["1/0-1", "0/0-2"]);
  expect(await cut({ untilMs: 5 })).toEqual(["1/0-2", "0/0-3"]);
});

function range(from: number, to: number) {
  return { topic: orders, partition: 0, from, to };
}

// Batches of a topic on Kafka whose offsets are partly ends of transactions and records that were given up: against a scripted broker.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { PartitionBytes } from "../../support/kafka/batches.ts";
import { FakeBroker } from "../../support/kafka/fake-broker.ts";
import { openLog } from "../../support/kafka/open-log.ts";
import { BatchScene } from "../../support/streams/batch-scene.ts";

const topicId = "00000000-0000-4000-8000-000000000001";
const job = streamJob({
  name: "sums",
  topic: defineTopic({ name: "orders" }),
  batch: { records: 2 },
  handle: (batch) => Array.fromAsync(batch.values()),
}) as Job;

let cleanup: AsyncDisposableStack;
let store: Store;
let folder: string;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), "millrace-holes-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
});
afterEach(() => cleanup.disposeAsync());

async function start(bytes: PartitionBytes): Promise<BatchScene> {
  const broker = new FakeBroker();
  await broker.start();
  cleanup.defer(() => broker.stop());
  broker.addTopic("orders", topicId, bytes.batches);
  const log = cleanup.use(await openLog({ brokers: [`127.0.0.1:${broker.port}`] }, 2_000));
  const scene = cleanup.use(new BatchScene({ store, folder, jobs: [job], log }));
  await scene.start();
  return scene;
}

async function offset(): Promise<number | undefined> {
  return (await store.findGroup("sums"))?.positions[0]?.offset;
}

test("a topic with ends of transactions alone makes no batch, and its group has read all", async () => {
  const scene = await start(new PartitionBytes().end(7, "commit").end(8, "commit"));
  expect(await scene.look()).toBe(false);
  await scene.look();
  expect(await offset()).toBe(2);
  expect(await store.listBatches({ group: "sums", limit: 9 })).toEqual([]);
  expect(scene.errors).toEqual([]);
});

test("a batch has the records that were committed, and the group passes what comes behind it without one", async () => {
  const bytes = new PartitionBytes().end(6, "commit").add(["1", "2"], 7).end(7, "commit").end(8, "commit");
  const scene = await start(bytes);
  expect(await scene.look()).toBe(true);
  expect(await scene.ended(1)).toMatchObject({ state: "FINISHED", result: [1, 2] });
  expect(await store.findBatch("sums", 1)).toMatchObject({ ranges: [{ from: 1, to: 3 }] });
  expect(await scene.look()).toBe(false);
  expect(await offset()).toBe(5);
  expect(await scene.look()).toBe(false);
});

// Batches of topics on a real Kafka: made of what has come, and read by handlers and queries.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { openLog } from "../../support/kafka/open-log.ts";
import { BatchScene, orders, produceOrders, publishingJob } from "../../support/streams/batch-scene.ts";
import { type KafkaBroker, startKafka } from "./kafka-broker.ts";

let broker: KafkaBroker;
beforeAll(async () => {
  broker = await startKafka();
});
afterAll(() => broker[Symbol.asyncDispose]());

test("batches follow each other over the partitions of a topic, and queries read them", async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "millrace-kafka-batches-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
  const log = cleanup.use(await openLog({ brokers: [broker.address] }, 60_000));
  const job = streamJob({
    name: "sums",
    topic: orders,
    batch: { records: 5, age: "1s" },
    retry: { maxRetries: 0 },
    handle: async (batch, ctx) => {
      const ids: number[] = [];
      for await (const { id } of batch.values()) ids.push(id);
      const [summed] = await ctx.sql`select count(*)::int as n, sum(id)::int as total from batch`;
      return { ids, summed };
    },
  }) as Job;
  const scene = cleanup.use(new BatchScene({ store, folder, log, jobs: [job] }));
  await scene.start();
  await scene.look();
  await scene.produce(1, 8);
  const seen: number[] = [];
  for (let number = 1; seen.length < 8; number += 1) {
    await expect
      .poll(() => scene.look().then(() => store.findBatch("sums", number)), { timeout: 20_000 })
      .toBeDefined();
    const ended = await scene.ended(number);
    expect(ended.state).toBe("FINISHED");
    const { ids, summed } = ended.result as { readonly ids: readonly number[]; readonly summed: unknown };
    expect(summed).toEqual({ n: ids.length, total: ids.reduce((sum, id) => sum + id, 0) });
    seen.push(...ids);
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  // the ends of the transactions that brought them hold no record, and are passed
  const countLeft = async (): Promise<number> => {
    await scene.look();
    const offsets = new Map((await store.findGroup("sums"))?.positions.map((at) => [at.partition, at.offset]));
    const bounds = (await log.findTopic(orders.name))?.bounds ?? [];
    return bounds.reduce((sum, { partition, end }) => sum + end - (offsets.get(partition) ?? 0), 0);
  };
  await expect.poll(countLeft, { timeout: 20_000 }).toBe(0);
  expect(scene.errors).toEqual([]);
});

test.each(["reading", "sqlite:written", "recorded"])(
  "a batch whose process is killed at `%s` has the same records when it is taken over, and each is there once",
  async (moment) => {
    await using cleanup = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "millrace-kafka-batches-"));
    cleanup.defer(() => rm(folder, { recursive: true }));
    const settings = { brokers: [broker.address], topicPrefix: `${moment.replace(":", "_")}.` };
    const log = cleanup.use(await openLog(settings, 60_000));
    await produceOrders(log, 1, 5);
    const targets = { sqlite: { path: "out/t.sqlite" } };
    const script = fileURLToPath(new URL("../../support/streams/batch-and-die.ts", import.meta.url));
    const given = [folder, JSON.stringify(targets), moment, JSON.stringify(settings)];
    const child = spawn(process.execPath, [...process.execArgv, script, ...given], { stdio: "ignore" });
    await once(child, "close");
    expect(child.signalCode).toBe("SIGKILL");
    const store = cleanup.use(await createSqliteStore({ path: join(folder, "store.db"), isDurable: false }));
    const before = await store.findBatch("sums", 1);
    await produceOrders(log, 6, 5);
    const scene = cleanup.use(new BatchScene({ store, folder, log, jobs: [publishingJob(targets)] }));
    await scene.start();
    expect(await scene.ended(1)).toMatchObject({ state: "FINISHED" });
    expect(await store.findBatch("sums", 1)).toMatchObject({ state: "done", ranges: before?.ranges });
    for (let number = 2; await scene.look(); number += 1)
      expect(await scene.ended(number)).toMatchObject({ state: "FINISHED" });
    using table = new DatabaseSync(join(folder, "out/t.sqlite"), { readOnly: true });
    const rows = table.prepare("select id, _partition, _offset from sums").all();
    expect(rows.length).toBeGreaterThan(4);
    expect(new Set(rows.map((row) => `${String(row["_partition"])}/${String(row["_offset"])}`)).size).toBe(rows.length);
    expect(new Set(rows.map((row) => row["id"])).size).toBe(rows.length);
  },
);

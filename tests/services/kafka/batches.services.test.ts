// Batches of topics on a real Kafka: made of what has come, and read by handlers and queries.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { openLog } from "../../support/kafka/open-log.ts";
import { BatchScene, orders } from "../../support/streams/batch-scene.ts";
import { startKafka } from "./kafka-broker.ts";

test("batches follow each other over the partitions of a topic, and queries read them", async () => {
  await using cleanup = new AsyncDisposableStack();
  const broker = cleanup.use(await startKafka());
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
  expect(scene.errors).toEqual([]);
});

// BullMQ on its Postgres backend.
import { createPostgresBackend, Queue, setDefaultBackendFactory, Worker } from "bullmq";
import { countdown, oneByOne, runScenario, timeMs } from "./scenario.mjs";

setDefaultBackendFactory(createPostgresBackend);

await runScenario({
  async throughput({ url, count }) {
    const connection = { connectionString: url, max: 20, migrate: true };
    const queue = new Queue("noop", { connection });
    for (let sent = 0; sent < count; sent += 1_000) {
      await queue.addBulk(Array.from({ length: Math.min(1_000, count - sent) }, () => ({ name: "noop", data: {} })));
    }
    const { done, hit } = countdown(count);
    let worker;
    const ms = await timeMs(async () => {
      worker = new Worker("noop", async () => {}, { connection, concurrency: 24 });
      worker.on("completed", hit);
      await done;
    });
    await worker.close(true);
    return { ms };
  },
  async latency({ url, count }) {
    const connection = { connectionString: url, max: 20, migrate: true };
    const queue = new Queue("noop", { connection });
    let started;
    const worker = new Worker("noop", async () => started?.(), { connection, concurrency: 4 });
    await worker.waitUntilReady();
    const values = await oneByOne(count, async (onStarted) => {
      started = onStarted;
      await queue.add("noop", {});
    });
    await worker.close(true);
    return { values };
  },
});

// pg-boss: `work()` with batches and several local workers, and `flow()` for graphs.
import { PgBoss } from "pg-boss";
import { countdown, oneByOne, runScenario, shapeOf, timeMs } from "./scenario.mjs";

async function start(url, options = {}) {
  const boss = new PgBoss({ connectionString: url, max: 20, useListenNotify: true, ...options });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue("noop", { notify: true });
  return boss;
}

const batched = {
  batchSize: 50,
  localConcurrency: 4,
  pollingIntervalSeconds: 0.5,
  burstWhenBatchFull: true,
  notifyPollingIntervalSeconds: 0.5,
};

async function completed(boss, count) {
  const db = boss.getDb();
  for (;;) {
    const { rows } = await db.executeSql("select count(*)::int as n from pgboss.job where state = 'completed'");
    if (rows[0].n >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function flow(shape, { url, count }) {
  const boss = await start(url, { flowIntervalSeconds: 1 });
  const jobs = shapeOf(shape, count).map(([ref, dependsOn]) => ({ ref, name: "noop", dependsOn }));
  await boss.flow(jobs);
  const { done, hit } = countdown(count);
  const ms = await timeMs(async () => {
    await boss.work("noop", batched, async (batch) => batch.forEach(hit));
    await done;
  });
  await boss.stop({ graceful: false });
  return { ms };
}

await runScenario({
  async throughput({ url, count }) {
    const boss = await start(url);
    for (let sent = 0; sent < count; sent += 1_000) {
      await boss.insert(
        "noop",
        Array.from({ length: Math.min(1_000, count - sent) }, () => ({ data: {} })),
      );
    }
    const { done, hit } = countdown(count);
    const ms = await timeMs(async () => {
      await boss.work("noop", batched, async (jobs) => jobs.forEach(hit));
      await done;
      await completed(boss, count);
    });
    await boss.stop({ graceful: false });
    return { ms };
  },
  async latency({ url, count }) {
    const boss = await start(url);
    let started;
    await boss.work("noop", { pollingIntervalSeconds: 0.5 }, async () => started?.());
    const values = await oneByOne(count, async (onStarted) => {
      started = onStarted;
      await boss.send("noop", {});
    });
    await boss.stop({ graceful: false });
    return { values };
  },
  chain: (input) => flow("chain", input),
  fan_out: (input) => flow("fan_out", input),
  fan_in: (input) => flow("fan_in", input),
  layers: (input) => flow("layers", input),
});

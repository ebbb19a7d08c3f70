// graphile-worker with its local queue and batched completion, the fastest way its documentation gives.
import { makeWorkerUtils, run, runMigrations } from "graphile-worker";
import { countdown, oneByOne, runScenario, timeMs } from "./scenario.mjs";

const logger = { debug() {}, info() {}, warn() {}, error: console.error, scope: () => logger };

function presetOf(url, worker) {
  return { worker: { connectionString: url, logger, maxPoolSize: 20, ...worker } };
}

const batched = { concurrentJobs: 200, localQueue: { size: 500 }, completeJobBatchDelay: 0 };

await runScenario({
  async throughput({ url, count }) {
    const utils = await makeWorkerUtils({ preset: presetOf(url, batched) });
    await utils.migrate();
    for (let sent = 0; sent < count; sent += 1_000) {
      await utils.addJobs(
        Array.from({ length: Math.min(1_000, count - sent) }, () => ({ identifier: "noop", payload: {} })),
      );
    }
    const { done, hit } = countdown(count);
    let runner;
    const ms = await timeMs(async () => {
      runner = await run({ preset: presetOf(url, batched), taskList: { noop: async () => hit() } });
      await done;
      // Completed jobs are deleted; the work is done when none is left.
      await utils.withPgClient(async (client) => {
        for (;;) {
          const { rows } = await client.query("select 1 from graphile_worker.jobs limit 1");
          if (rows.length === 0) return;
        }
      });
    });
    await runner.stop();
    await utils.release();
    return { ms };
  },
  async latency({ url, count }) {
    await runMigrations({ preset: presetOf(url, {}) });
    let started;
    const runner = await run({
      preset: presetOf(url, { concurrentJobs: 4 }),
      taskList: { noop: async () => started?.() },
    });
    const values = await oneByOne(count, async (onStarted) => {
      started = onStarted;
      await runner.addJob("noop", {});
    });
    await runner.stop();
    return { values };
  },
});

// A worker process over the jobs of `dangerous-jobs.ts`: `node stream-worker.ts <folder> <lease in ms>`. Tests kill it.
import { join } from "node:path";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { jobsIn } from "./dangerous-jobs.ts";
import { streamServices } from "./stream-fixture.ts";

const [folder = "", ttlMs = "1000"] = process.argv.slice(2);
const clock = createSystemClock();
const worker = new Worker({
  store: await createSqliteStore({ path: join(folder, "store.db"), clock }),
  clock,
  slots: 1,
  random: Math.random,
  registry: createJobRegistry(jobsIn("inline")),
  services: streamServices(clock, folder),
  configOf: () => undefined,
  notify: () => Promise.resolve(),
  process: currentProcess(),
  isProcessDead: () => false,
  onError: (error) => console.error(error),
  pollMs: 20,
  leaseTtlMs: Number(ttlMs),
});
await worker.start();

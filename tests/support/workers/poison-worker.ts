// A worker process over the jobs of `poison-jobs.ts`: `node poison-worker.ts <folder> <mode> <lease in ms>`. Its jobs may kill it.
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { toStrayError } from "../../../src/orchestrator/attempt/stray-errors.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { createLocalLauncher } from "../../../src/platforms/local/local-launcher.ts";
import { currentProcess, isProcessDead } from "../../../src/platforms/local/local-process.ts";
import { catchStrayErrors } from "../../../src/platforms/local/stray-errors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { jobsIn, type PoisonMode } from "./poison-jobs.ts";

const [folder = "", mode = "inline", ttlMs = "15000"] = process.argv.slice(2);
const file = fileURLToPath(new URL("./poison-jobs.ts", import.meta.url));
const worker = new Worker({
  store: await createSqliteStore({ path: join(folder, "store.db") }),
  clock: createSystemClock(),
  slots: 4,
  random: Math.random,
  registry: createJobRegistry(jobsIn(mode as PoisonMode), { locate: () => ({ file }) }),
  services: {
    serviceProvider: "LOCAL",
    hasSpark: false,
    resolvePath: (path) => path,
    createData: () => {
      throw new Error("these jobs have no data");
    },
  },
  configOf: () => undefined,
  notify: () => Promise.resolve(),
  process: currentProcess(),
  isProcessDead,
  onError: (error) => console.error(error),
  launcher: createLocalLauncher({ entry: new URL("./isolate-thread.ts", import.meta.url), maxHeapMb: 48 }),
  strays: catchStrayErrors((thrown) => void worker.abandon(toStrayError(thrown)).finally(() => process.exit(1))),
  pollMs: 50,
  windDownMs: 500,
  leaseTtlMs: Number(ttlMs),
  wedgedAfterMs: Number(ttlMs),
});
await worker.start();
flushCompileCache(); // whoever is killed keeps nothing of what it compiled

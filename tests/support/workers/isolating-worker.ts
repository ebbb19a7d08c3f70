// A worker process that executes one job in a process of its own: `node isolating-worker.ts <folder> <job>`. Tests kill it.
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { createLocalLauncher } from "../../../src/platforms/local/local-launcher.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { jobIn, jobsIn, locateHere } from "./isolated-jobs.ts";

const [folder = "", name = ""] = process.argv.slice(2);
const store = await createSqliteStore({ path: join(folder, "store.db") });
const worker = new Worker({
  store,
  clock: createSystemClock(),
  slots: 1,
  random: Math.random,
  registry: createJobRegistry(jobsIn("process"), { locate: locateHere }),
  services: {
    serviceProvider: "LOCAL",
    hasSpark: false,
    resolvePath: (path) => path,
    createData: () => {
      throw new Error("isolated jobs have their own data access");
    },
  },
  configOf: () => undefined,
  notify: () => Promise.resolve(),
  process: currentProcess(),
  isProcessDead: () => false,
  onError: (error) => console.error(error),
  launcher: createLocalLauncher({ entry: new URL("./isolate-thread.ts", import.meta.url) }),
});
await worker.start();
flushCompileCache(); // whoever is killed keeps nothing of what it compiled
const params = { file: join(folder, "pids") };
await store.submit(toSubmission(jobIn("process", name), { params, tenant: "default", createdBy: "test" }));

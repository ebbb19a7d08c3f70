// A worker on a store file in a folder, that runs pipelines of plain functions; the engine alone, without data access.
import { join } from "node:path";
import type { Job } from "../../src/core/job/job.ts";
import type { JobData } from "../../src/core/job/job-context.ts";
import type { JobPipeline } from "../../src/core/job/pipeline.ts";
import { createJobRegistry } from "../../src/orchestrator/attempt/job-registry.ts";
import { toSubmission } from "../../src/orchestrator/submission/to-submission.ts";
import { waitForRun } from "../../src/orchestrator/submission/wait-for-run.ts";
import { Worker } from "../../src/orchestrator/worker/worker.ts";
import { currentProcess, isProcessDead } from "../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

export interface BenchWorker extends AsyncDisposable {
  readonly store: Store;
  /** Submits a run of the pipeline and resolves when it has finished; with the time from one to the other. */
  run(pipeline: JobPipeline<string>): Promise<{ readonly wallMs: number }>;
}

export interface BenchWorkerOptions {
  readonly folder: string;
  readonly jobs: readonly Job[];
  /** What the worker sees instead of the store, e.g. one that counts. */
  readonly wrapStore?: (store: Store) => Store;
}

/** The settings are those of a project without configuration: 4 slots. */
export async function startBenchWorker({ folder, jobs, wrapStore }: BenchWorkerOptions): Promise<BenchWorker> {
  const clock = createSystemClock();
  const file = await createSqliteStore({ path: join(folder, "store.db"), clock });
  const store = wrapStore?.(file) ?? file;
  const worker = new Worker({
    store,
    clock,
    isProcessDead,
    random: Math.random,
    registry: createJobRegistry(jobs),
    services: { serviceProvider: "LOCAL", hasSpark: false, createData: () => noData, resolvePath: (path) => path },
    configOf: () => undefined,
    notify: () => Promise.resolve(),
    process: currentProcess(),
    slots: 4,
    onError: (error) => {
      throw error;
    },
  });
  await worker.start();
  return {
    store,
    async run(pipeline) {
      const startedAtMs = performance.now();
      const plan = toSubmission(pipeline, { params: {}, tenant: "bench", createdBy: "bench" });
      const { rootRunId } = await store.submit(plan);
      const end = await waitForRun({ store: file, clock }, rootRunId);
      const wallMs = performance.now() - startedAtMs;
      if (end.state !== "FINISHED")
        throw new Error(`pipeline ${pipeline.name} ended ${end.state}: ${end.error?.message}`);
      return { wallMs };
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await file[Symbol.asyncDispose]();
    },
  };
}

const noData: JobData = {
  publish: () => Promise.reject(new Error("the engine benches have no data")),
  dataset: () => Promise.reject(new Error("the engine benches have no data")),
  query: () => Promise.reject(new Error("the engine benches have no data")),
  credentials: () => Promise.reject(new Error("the engine benches have no data")),
  topic: () => Promise.reject(new Error("the engine benches have no data")),
  hasPublished: () => Promise.reject(new Error("the engine benches have no data")),
  rekey: () => Promise.reject(new Error("the engine benches have no data")),
  mapReduce: () => Promise.reject(new Error("the engine benches have no data")),
  vacuum: () => Promise.reject(new Error("the engine benches have no data")),
  optimize: () => Promise.reject(new Error("the engine benches have no data")),
  quarantine: {
    release: () => Promise.reject(new Error("the engine benches have no data")),
    remove: () => Promise.reject(new Error("the engine benches have no data")),
  },
};

// The engine on a store of either kind, for benches: submits, works, and knows when so many runs have ended.
import type { Job } from "../../src/core/job/job.ts";
import type { JobData } from "../../src/core/job/job-context.ts";
import { createJobRegistry } from "../../src/orchestrator/attempt/job-registry.ts";
import { Worker } from "../../src/orchestrator/worker/worker.ts";
import { currentProcess, isProcessDead } from "../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { NewRun } from "../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

export interface EngineUnderBench extends AsyncDisposable {
  readonly store: Store;
  submit(job: string, count: number): Promise<void>;
  /** `shape` has the name of each run and of those it waits for. */
  submitGraph(job: string, shape: readonly (readonly [string, readonly string[]])[]): Promise<void>;
  startWorker(jobs: readonly Job[], options: { slots: number }): Promise<WorkerUnderBench>;
}

export interface WorkerUnderBench extends AsyncDisposable {
  /** Resolves when so many runs have ended, each with its outcome accepted by the store. */
  ended(count: number): Promise<void>;
}

/** @param address a Postgres URL, or the path of a SQLite file */
export async function openEngine(address: string): Promise<EngineUnderBench> {
  const store = address.startsWith("postgres://")
    ? await createPostgresStore({ url: address })
    : await createSqliteStore({ path: address });
  const toRun = (job: string): NewRun => ({ job, kind: "job", params: {}, tenant: "bench", createdBy: "bench" });
  return {
    store,
    async submit(job, count) {
      await store.submit({ runs: Array.from({ length: count }, () => toRun(job)), edges: [] });
    },
    async submitGraph(job, shape) {
      const positions = new Map(shape.map(([name], index) => [name, index]));
      const edges = shape.flatMap(([name, parents]) =>
        parents.map((parent) => ({
          parent: positions.get(parent) ?? 0,
          child: positions.get(name) ?? 0,
          onUpstreamFailure: "cancel" as const,
        })),
      );
      await store.submit({ runs: shape.map(() => toRun(job)), edges });
    },
    startWorker: (jobs, { slots }) => startWorker(store, jobs, slots),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function startWorker(store: Store, jobs: readonly Job[], slots: number): Promise<WorkerUnderBench> {
  let count = 0;
  let reached: { readonly at: number; readonly resolve: () => void } | undefined;
  const worker = new Worker({
    store,
    clock: createSystemClock(),
    isProcessDead,
    random: Math.random,
    registry: createJobRegistry(jobs),
    services: { serviceProvider: "LOCAL", hasSpark: false, createData: () => noData, resolvePath: (path) => path },
    configOf: () => undefined,
    notify: async () => {
      count += 1;
      if (reached !== undefined && count >= reached.at) reached.resolve();
    },
    process: currentProcess(),
    slots,
    onError: (error) => console.error(error),
  });
  await worker.start();
  return {
    ended: (at) =>
      new Promise((resolve) => {
        reached = { at, resolve };
        if (count >= at) resolve();
      }),
    [Symbol.asyncDispose]: () => worker.stop(),
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

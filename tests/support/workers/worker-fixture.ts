// A worker over a store in a temporary folder, for tests of the orchestrator with real jobs.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/core/clock.ts";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobData } from "../../../src/core/job/job-context.ts";
import type { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { createJobRegistry, type JobRegistryOptions } from "../../../src/orchestrator/attempt/job-registry.ts";
import type { RunEnd } from "../../../src/orchestrator/worker/run-executor.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { waitForRun } from "../../../src/orchestrator/submission/wait-for-run.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { createAttemptMeter } from "../../../src/platforms/local/attempt-meter.ts";
import { createLocalLauncher } from "../../../src/platforms/local/local-launcher.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { Json, RunSummary } from "../../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";

export interface WorkerFixture extends AsyncDisposable {
  readonly store: Store;
  readonly clock: Clock;
  readonly ends: RunEnd[];
  readonly errors: MillraceError[];
  readonly folder: string;
  startWorker(jobs: readonly Job[], options?: FixtureWorkerOptions): Promise<Worker>;
  submit(target: Job | JobPipeline<string>, params?: Record<string, Json>): Promise<RunId>;
  waitFor(runId: RunId): Promise<RunSummary>;
  /** Resolves when the run has an event of this type. */
  waitForEvent(runId: RunId, type: string): Promise<void>;
}

export interface FixtureWorkerOptions extends JobRegistryOptions {
  readonly slots?: number;
  readonly config?: Record<string, unknown>;
  readonly windDownMs?: number;
  /** Heap limit of threads and processes of jobs. */
  readonly maxHeapMb?: number;
  /** What those run. Default: `isolate-thread.ts`, jobs without a project. */
  readonly entry?: URL;
  /** Hears of each thread or process that is started. */
  readonly onLaunch?: () => void;
}

/** Disposing it stops its workers and removes its folder. */
export async function createWorkerFixture(): Promise<WorkerFixture> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-worker-"));
  const clock = createSystemClock();
  const store = await createSqliteStore({ path: join(folder, "store.db"), clock });
  const workers: Worker[] = [];
  const ends: RunEnd[] = [];
  const errors: MillraceError[] = [];
  return {
    store,
    clock,
    ends,
    errors,
    folder,
    async startWorker(
      jobs,
      { slots = 2, config = {}, windDownMs = 50, maxHeapMb, entry = isolateEntry, onLaunch, ...options } = {},
    ) {
      const launcher = createLocalLauncher({ entry, ...(maxHeapMb === undefined ? {} : { maxHeapMb }) });
      const worker = new Worker({
        store,
        clock,
        slots,
        random: () => 0.5,
        registry: createJobRegistry(jobs, options),
        services: { serviceProvider: "LOCAL", hasSpark: false, createData: () => noData, resolvePath: (path) => path },
        configOf: (job) => config[job],
        notify: async (end) => void ends.push(end),
        process: currentProcess(),
        isProcessDead: () => false,
        onError: (error) => errors.push(error),
        pollMs: 20,
        windDownMs,
        meter: createAttemptMeter("shared"),
        launcher: {
          launch(request) {
            onLaunch?.();
            return launcher.launch(request);
          },
        },
      });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    async submit(target, params = {}) {
      const { rootRunId } = await store.submit(toSubmission(target, { params, tenant: "default", createdBy: "test" }));
      return rootRunId;
    },
    waitFor: (runId) => waitForRun({ store, clock }, runId),
    async waitForEvent(runId, type) {
      while (!(await store.listEvents(runId, 0, 1_000)).some((event) => event.type === type)) await clock.sleep(2);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const isolateEntry = new URL("./isolate-thread.ts", import.meta.url);

const noData: JobData = {
  publish: () => Promise.reject(new Error("this test writes no datasets")),
  dataset: () => Promise.reject(new Error("this test reads no datasets")),
  query: () => Promise.reject(new Error("this test reads no datasets")),
  credentials: () => Promise.reject(new Error("this test reads no datasets")),
  topic: () => Promise.reject(new Error("this test reads no datasets")),
  hasPublished: () => Promise.reject(new Error("this test reads no datasets")),
  rekey: () => Promise.reject(new Error("this test reads no datasets")),
  mapReduce: () => Promise.reject(new Error("this test reads no datasets")),
  vacuum: () => Promise.reject(new Error("this test has no datasets")),
  optimize: () => Promise.reject(new Error("this test has no datasets")),
  quarantine: {
    release: () => Promise.reject(new Error("this test reads no datasets")),
    remove: () => Promise.reject(new Error("this test reads no datasets")),
  },
};

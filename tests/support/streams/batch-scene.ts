// A job that publishes batches to several targets, over a store in a folder: with a worker, a scheduler that makes batches, and data.
import { join } from "node:path";
import { createJobStreams, leftOutOf, openLog, openPayloads } from "../../../src/app/streams/create-job-streams.ts";
import { batchLogOf } from "../../../src/app/streams/create-batch-watch.ts";
import { createTopicReader } from "../../../src/app/streams/create-topic-reader.ts";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { StreamLog } from "../../../src/core/stream/stream-log.ts";
import { defineTopic, type Topic } from "../../../src/core/stream/topic.ts";
import { createJobData } from "../../../src/data/jobs/job-data.ts";
import type { Failpoint } from "../../../src/data/target.ts";
import type { RunServices } from "../../../src/orchestrator/attempt/job-context-input.ts";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { BatchWatch } from "../../../src/orchestrator/streams/batch-watch.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { createLocalLauncher } from "../../../src/platforms/local/local-launcher.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import type { Json } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { encodeValue } from "../../../src/stream/produce/encode-value.ts";
import { partitionRecords } from "../../../src/stream/records/partition-records.ts";

export const orders: Topic<"orders", { readonly id: number }> = defineTopic({
  name: "orders",
  partitions: 2,
  key: (order: { readonly id: number }) => String(order.id),
});

/** Publishes each batch of five records to all of the targets. */
export function publishingJob(targets: DatasetTargets, handled: Failpoint = () => undefined): Job {
  return streamJob({
    name: "sums",
    topic: orders,
    batch: { records: 5 },
    retry: { maxRetries: 0 },
    handle: async (batch, ctx) => {
      const sql = "select id, _partition, _offset from batch";
      const { rows } = await ctx.data.publish({ sql, output: { dataset: "sums", mode: "append", ...targets } });
      await handled("handled");
      return { batch: batch.id, rows };
    },
  }) as Job;
}

export interface BatchSceneOptions {
  readonly store: Store;
  readonly folder: string;
  readonly jobs: readonly Job[];
  /** Where topics are. Default: in the store. */
  readonly log?: StreamLog;
  /** Told moments of publishing, and `ended` when a batch is done. */
  readonly failpoint?: Failpoint;
}

export interface EndedRun {
  readonly state: string;
  readonly result: Json | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** A worker and what makes batches; disposing it stops the worker, and leaves the store to its owner. */
export class BatchScene implements AsyncDisposable {
  readonly store: Store;
  readonly errors: MillraceError[] = [];
  readonly #log: StreamLog | undefined;
  readonly #watch: BatchWatch;
  readonly #worker: Worker;
  readonly #engine = createDuckDbEngine({ threads: 1, memoryLimit: "500MB" });
  readonly #clock = createSystemClock();

  constructor({ store, folder, jobs, log, failpoint = () => undefined }: BatchSceneOptions) {
    this.#log = log;
    this.store = endingStore(store, failpoint);
    this.#watch = createWatch(store, jobs, this.errors, log);
    this.#worker = new Worker({
      store: this.store,
      clock: this.#clock,
      slots: 1,
      random: () => 0.5,
      registry: createJobRegistry(jobs),
      services: this.#services(folder, failpoint),
      configOf: () => undefined,
      notify: async () => undefined,
      process: currentProcess(),
      // whoever had the run before was killed
      isProcessDead: (other) => other.pid !== process.pid,
      onError: (error) => this.errors.push(error),
      pollMs: 20,
      windDownMs: 500,
      launcher: createLocalLauncher({ entry: new URL("./no-isolate.ts", import.meta.url) }),
    });
  }

  start(): Promise<void> {
    return this.#worker.start();
  }

  /** Makes the batches that are full, one of each group. @returns whether there was one */
  look(): Promise<boolean> {
    return this.#watch.look();
  }

  async produce(from: number, count: number): Promise<void> {
    await produceOrders(this.#log ?? createEmbeddedLog({ blocks: this.store, clock: this.#clock }), from, count);
  }

  /** Submits a run and waits for its end. @returns its state, result and error */
  async run(job: Job, params: Readonly<Record<string, Json>> = {}): Promise<EndedRun> {
    const submission = toSubmission(job, { params, tenant: "default", createdBy: "test" });
    return await this.#untilEnded((await this.store.submit(submission)).rootRunId);
  }

  /** Gives the failed run of a batch another try. */
  async rerun(number: number): Promise<EndedRun> {
    const runId = (await this.store.findBatch("sums", number))?.runId as RunId;
    await this.store.control({ action: "rerun", target: { runId }, by: "ada" });
    return await this.#untilEnded(runId);
  }

  /** Resolves when the run of a batch has ended. @returns its state and result */
  async ended(number: number): Promise<EndedRun> {
    const batch = await this.store.findBatch("sums", number);
    if (batch === undefined) throw new Error(`there is no batch ${number}`);
    return await this.#untilEnded(batch.runId as RunId);
  }

  async #untilEnded(runId: RunId): Promise<EndedRun> {
    for (;;) {
      const run = await this.store.findRun(runId);
      if (run?.state === "FINISHED" || run?.state === "ERROR") {
        return { state: run.state, result: run.result, code: run.error?.code, message: run.error?.message };
      }
      await this.#clock.sleep(10);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.stop();
    await this.#engine[Symbol.asyncDispose]();
  }

  #services(folder: string, failpoint: Failpoint): RunServices {
    const clock = this.#clock;
    const folders = { stores: join(folder, "stores"), payloads: join(folder, "payloads") };
    return {
      serviceProvider: "LOCAL",
      hasSpark: false,
      resolvePath: (path) => join(folder, path),
      createStreams: (input) => createJobStreams({ clock, log: this.#log, folders }, input),
      createData: (input) => {
        const { run, lease, signal, log, progress } = input;
        return createJobData({
          engine: this.#engine,
          inputs: input.inputs,
          topics: createTopicReader(
            {
              log: openLog({ clock, log: this.#log }, lease),
              payloads: openPayloads({ clock, folders }, lease),
              leftOut: leftOutOf(run),
            },
            input,
          ),
          signal,
          log,
          progress,
          failpoint,
          now: () => clock.now(),
          paths: {
            root: folder,
            lake: join(folder, "lake"),
            home: join(folder, "home"),
            staging: join(folder, "staging"),
          },
          run: { id: run.runId, job: run.job, epoch: run.epoch, createdAtMs: run.createdAtMs },
          emit: (event) => lease.appendEvents([event]),
          catalog: {
            find: (name, version) => lease.findDataset(name, version),
            publications: (name) => lease.findPublications(name),
            names: async () => (await lease.listDatasets()).map(({ dataset }) => dataset),
            record: (version) => lease.recordDataset(version),
            assertHeld: () => lease.assertHeld(),
          },
        });
      },
    };
  }
}

export async function produceOrders(log: StreamLog, from: number, count: number): Promise<void> {
  const state = await log.declareTopic({ name: orders.name, partitions: orders.partitions, retentionMs: undefined });
  const values = Array.from({ length: count }, (_, index) => ({ id: from + index }));
  const records = values.map((value) => encodeValue(orders, value, { nowMs: Date.now() }));
  await log.append({ topic: state, parts: partitionRecords(records, state.bounds.length, 0) });
}

function createWatch(store: Store, jobs: readonly Job[], errors: MillraceError[], log?: StreamLog): BatchWatch {
  const clock = createSystemClock();
  return new BatchWatch({
    store,
    log: batchLogOf(store, clock, async () => log ?? createEmbeddedLog({ blocks: store, clock })),
    jobs: jobs.flatMap(({ name, stream }) => (stream?.kind === "batches" ? [{ job: name, stream }] : [])),
    toSubmission: (name, options) => {
      const job = jobs.find((one) => one.name === name);
      if (job === undefined) throw new Error(`no job ${name}`);
      return toSubmission(job, { ...options, tenant: "default" });
    },
    onError: (error) => errors.push(error),
  });
}

function endingStore(store: Store, failpoint: Failpoint): Store {
  return {
    ...store,
    endBatch: async (...end) => {
      await store.endBatch(...end);
      await failpoint("ended");
    },
  };
}

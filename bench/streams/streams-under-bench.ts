// The streams of a project on a store of either kind, for benches: fills topics, runs jobs of streams, and tells what was committed.
import { join } from "node:path";
import { createJobStreams } from "../../src/app/streams/create-job-streams.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Job } from "../../src/core/job/job.ts";
import type { Delivery } from "../../src/core/stream/stream-ledger.ts";
import type { StreamLog, TopicState } from "../../src/core/stream/stream-log.ts";
import type { NewRecord } from "../../src/core/stream/stream-record.ts";
import type { Topic } from "../../src/core/stream/topic.ts";
import { createJobRegistry } from "../../src/orchestrator/attempt/job-registry.ts";
import { toSubmission } from "../../src/orchestrator/submission/to-submission.ts";
import { Worker } from "../../src/orchestrator/worker/worker.ts";
import { currentProcess, isProcessDead } from "../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createEmbeddedLog } from "../../src/stream/embedded/embedded-log.ts";
import { partitionRecords } from "../../src/stream/records/partition-records.ts";

export interface StreamsPlace {
  /** A Postgres URL, or the path of a SQLite file. */
  readonly address: string;
  /** Where copies of local stores and their snapshots go. */
  readonly folder: string;
  /** Default: the log in the store. It stays open. */
  readonly log?: StreamLog | undefined;
}

export interface StreamsUnderBench extends AsyncDisposable {
  readonly store: Store;
  readonly log: StreamLog;
  readonly clock: Clock;
  declare(topic: Topic): Promise<TopicState>;
  append(topic: TopicState, records: readonly NewRecord[]): Promise<void>;
  /** Runs the job until all of it is disposed of. @param onCommit told of each commit of offsets, when it is durable */
  work(job: Job, options?: WorkOptions): Promise<void>;
}

export interface WorkOptions {
  readonly onCommit?: (delivery: Delivery) => void;
  /** Default: that of a project without configuration. */
  readonly leaseTtlMs?: number;
  /** False for a worker that takes what another process has submitted. */
  readonly isSubmitted?: boolean;
  /** Runs of stream jobs at once. Default: that of a project without configuration. */
  readonly places?: number;
}

export async function openStreams({ address, folder, log: other }: StreamsPlace): Promise<StreamsUnderBench> {
  await using cleanup = new AsyncDisposableStack();
  const clock = createSystemClock();
  const store = cleanup.use(
    address.startsWith("postgres://")
      ? await createPostgresStore({ url: address, clock })
      : await createSqliteStore({ path: address, clock }),
  );
  const log = other ?? createEmbeddedLog({ blocks: store, clock });
  const owned = cleanup.move();
  return {
    store,
    log,
    clock,
    declare: ({ name, partitions, retentionMs }) => log.declareTopic({ name, partitions, retentionMs }),
    async append(topic, records) {
      await log.append({ topic, parts: partitionRecords(records, topic.bounds.length, 0) });
    },
    async work(job, { onCommit, leaseTtlMs, isSubmitted = true, places } = {}) {
      const worker = new Worker({
        store: onCommit === undefined ? store : tellCommits(store, onCommit),
        clock,
        isProcessDead,
        random: Math.random,
        registry: createJobRegistry([job]),
        services: {
          serviceProvider: "LOCAL",
          hasSpark: false,
          resolvePath: (path) => path,
          createData: () => {
            throw new Error("the benches of streams have no data");
          },
          createStreams: (input) =>
            createJobStreams(
              { clock, log: other, folders: { stores: join(folder, "stores"), payloads: join(folder, "payloads") } },
              input,
            ),
        },
        configOf: () => undefined,
        notify: () => Promise.resolve(),
        process: currentProcess(),
        slots: 4,
        onError: (error) => console.error(error),
        ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
        ...(places === undefined ? {} : { places }),
      });
      await worker.start();
      owned.defer(() => worker.stop());
      if (isSubmitted) await store.submit(toSubmission(job, { params: {}, tenant: "bench", createdBy: "bench" }));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function tellCommits(store: Store, onCommit: (delivery: Delivery) => void): Store {
  return {
    ...store,
    async deliver(fence, delivery) {
      const ranges = await store.deliver(fence, delivery);
      onCommit(delivery);
      return ranges;
    },
  };
}

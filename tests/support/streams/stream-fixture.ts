// Workers of stream jobs over a store of either kind, for tests that follow records from a topic to what they leave.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJobStreams } from "../../../src/app/streams/create-job-streams.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { GroupState } from "../../../src/core/stream/stream-ledger.ts";
import type { StreamLog } from "../../../src/core/stream/stream-log.ts";
import type { Topic } from "../../../src/core/stream/topic.ts";
import type { RunServices } from "../../../src/orchestrator/attempt/job-context-input.ts";
import { createJobRegistry, type JobRegistryOptions } from "../../../src/orchestrator/attempt/job-registry.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { createLocalLauncher } from "../../../src/platforms/local/local-launcher.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { Json } from "../../../src/store/rows/run-records.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { encodeValue } from "../../../src/stream/produce/encode-value.ts";
import { partitionRecords } from "../../../src/stream/records/partition-records.ts";
import type { KafkaSettings } from "../../../src/stream/kafka/kafka-settings.ts";
import { openLog } from "../kafka/open-log.ts";
import { createTestDatabase } from "../postgres/postgres-test-database.ts";
import { kafkaOfFixture, type StreamPlace } from "./stream-places.ts";

/** What another process opens the same topics and groups by. */
export interface FixturePlace {
  readonly folder: string;
  /** Of Postgres. */
  readonly url?: string;
  readonly kafka?: KafkaSettings;
}

export interface StreamFixture extends AsyncDisposable {
  readonly store: Store;
  readonly log: StreamLog;
  readonly clock: Clock;
  readonly folder: string;
  readonly place: FixturePlace;
  readonly errors: MillraceError[];
  startWorker(jobs: readonly Job[], options?: StreamWorkerOptions): Promise<Worker>;
  submit(job: Job, params?: Readonly<Record<string, Json>>): Promise<RunId>;
  produce(topic: Topic, values: readonly unknown[]): Promise<void>;
  /** All values of a topic, partition by partition. */
  valuesOf(topic: Topic): Promise<readonly unknown[]>;
  group(name: string): Promise<GroupState>;
  /** Resolves when the group has done all that is in the topic, and nothing is parked. */
  untilCaughtUp(topic: Topic, group: string): Promise<void>;
  /** Looks again and again until `check` gives something else than false or undefined. */
  until<Found>(check: () => Promise<Found | false | undefined>): Promise<Found>;
}

export interface StreamWorkerOptions extends JobRegistryOptions {
  readonly slots?: number;
  readonly places?: number;
  readonly windDownMs?: number;
  readonly leaseTtlMs?: number;
  /** The store as this worker has it. */
  readonly store?: Store;
}

/** Disposing it stops its workers and removes what they left. @param other log than that of the store; it stays open */
export async function createStreamFixture(
  kind: StreamPlace,
  other?: StreamLog,
  clock: Clock = createSystemClock(),
): Promise<StreamFixture> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "millrace-streams-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const place = await createPlace(kind, folder, cleanup);
  const store = cleanup.use(await openStore(place, clock));
  const foreign = other ?? (await openForeignLog(place, cleanup));
  const log = foreign ?? createEmbeddedLog({ blocks: store, clock });
  const workers: Worker[] = [];
  const errors: MillraceError[] = [];
  cleanup.defer(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
  const owned = cleanup.move();
  const until: StreamFixture["until"] = async (check) => {
    for (;;) {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      await clock.sleep(5);
    }
  };
  const fixture: StreamFixture = {
    store,
    log,
    clock,
    folder,
    place,
    errors,
    until,
    async startWorker(
      jobs,
      { slots = 2, places = 8, windDownMs = 500, leaseTtlMs, store: own = store, ...options } = {},
    ) {
      const worker = new Worker({
        store: own,
        clock,
        slots,
        places,
        random: () => 0.5,
        registry: createJobRegistry(jobs, options),
        services: streamServices(clock, folder, foreign),
        configOf: () => undefined,
        notify: async () => undefined,
        process: currentProcess(),
        isProcessDead: () => false,
        onError: (error) => errors.push(error),
        pollMs: 20,
        windDownMs,
        ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
        launcher: createLocalLauncher({ entry: new URL("./stream-isolate.ts", import.meta.url) }),
      });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    async submit(job, params = {}) {
      const { rootRunId } = await store.submit(toSubmission(job, { params, tenant: "default", createdBy: "test" }));
      return rootRunId;
    },
    async produce(topic, values) {
      const { name, partitions, retentionMs } = topic;
      const state = await log.declareTopic({ name, partitions, retentionMs });
      const records = values.map((value) => encodeValue(topic, value, { nowMs: clock.now() }));
      await log.append({ topic: state, parts: partitionRecords(records, state.bounds.length, 0) });
    },
    async valuesOf({ name }) {
      const topic = await log.findTopic(name);
      const values: unknown[] = [];
      for (const { partition, start, end } of topic?.bounds ?? []) {
        for (let from = start; topic !== undefined && from < end;) {
          const read = await log.read({ topic, partition, from, maxBytes: 1_000_000 });
          for (const { value } of read.records) values.push(JSON.parse(Buffer.from(value ?? []).toString()));
          from = read.next;
        }
      }
      return values;
    },
    group: (name) => until(() => store.findGroup(name)),
    async untilCaughtUp({ name }, groupName) {
      await until(async () => {
        const [topic, group] = await Promise.all([log.findTopic(name), store.findGroup(groupName)]);
        if (topic === undefined || group === undefined || group.parked > 0) return false;
        const offsets = new Map(group.positions.map(({ partition, offset }) => [partition, offset]));
        return topic.bounds.every(({ partition, end }) => offsets.get(partition) === end);
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return fixture;
}

/** What runs of stream jobs are lent in a test. */
export function streamServices(clock: Clock, folder: string, log?: StreamLog): RunServices {
  const folders = { stores: join(folder, "stores"), payloads: join(folder, "payloads") };
  return {
    serviceProvider: "LOCAL",
    hasSpark: false,
    resolvePath: (path) => path,
    createData: () => {
      throw new Error("this test has no datasets");
    },
    createStreams: (input) => createJobStreams({ clock, log, folders }, input),
  };
}

/** The store of a fixture, as each of its processes opens it. */
export async function openStore({ folder, url }: FixturePlace, clock: Clock): Promise<Store> {
  if (url === undefined) return await createSqliteStore({ path: join(folder, "store.db"), clock });
  return await createPostgresStore({ url, clock, migrate: false });
}

async function createPlace(kind: StreamPlace, folder: string, cleanup: AsyncDisposableStack): Promise<FixturePlace> {
  if (kind === "postgres") return { folder, url: cleanup.use(await createTestDatabase()).url };
  return kind === "kafka" ? { folder, kafka: kafkaOfFixture() } : { folder };
}

async function openForeignLog({ kafka }: FixturePlace, cleanup: AsyncDisposableStack): Promise<StreamLog | undefined> {
  return kafka === undefined ? undefined : cleanup.use(await openLog(kafka, 60_000));
}

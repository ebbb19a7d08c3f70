// Executes the runs of a test: with a store and an engine of their own, and a worker's executor that is driven by hand,
// so that no time passes while nothing is done.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlannedWork, planWork, type PlanWorkOptions } from "../app/plan-work.ts";
import { createRunServices } from "../app/run-services.ts";
import { openPayloads, streamFolders } from "../app/streams/create-job-streams.ts";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import { createDuckDbEngine } from "../compute/duckdb/duckdb-engine.ts";
import { readEnvironment } from "../config.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import { createJobRegistry, type JobRegistry } from "../orchestrator/attempt/job-registry.ts";
import { YieldPoint } from "../orchestrator/attempt/yield-point.ts";
import { RunExecutor, type RunExecutorOptions } from "../orchestrator/worker/run-executor.ts";
import { RunRecorder } from "../orchestrator/worker/run-recorder.ts";
import { Settler } from "../orchestrator/worker/settler.ts";
import { StepWriter } from "../orchestrator/worker/step-writer.ts";
import { currentProcess } from "../platforms/local/local-process.ts";
import type { ClaimedRun, Submission, WorkerId } from "../store/rows/run-records.ts";
import { createSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { assertConnections } from "../core/connection/assert-connections.ts";
import type { ConnectionOptions, HttpConnectionOptions } from "../core/connection/connection-options.ts";
import type { Store } from "../store/store.ts";
import { createEmbeddedLog } from "../stream/embedded/embedded-log.ts";
import type { StreamPayloads } from "../core/stream/stream-payloads.ts";
import { type WatchedLog, watchLog } from "./streams/watched-log.ts";
import type { TestClock } from "./test-clock.ts";

/** What the runs of one call may use. */
export interface WorkerRun {
  readonly jobs: readonly Job[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
}

/** Disposing it writes what was logged. */
export interface EngagedJobs extends AsyncDisposable {
  readonly registry: JobRegistry;
  readonly executor: RunExecutor;
  /** Writes what was logged so far. */
  flush(): Promise<void>;
}

/** Executes submissions to their ends. Disposing it removes all that they left. */
export interface TestWorker extends AsyncDisposable {
  /** Folder of the project. */
  readonly root: string;
  readonly store: Store;
  readonly clock: TestClock;
  /** Of the topics of the project. */
  readonly log: WatchedLog;
  readonly payloads: StreamPayloads;
  readonly workerId: WorkerId;
  /** What executes runs of these jobs, for who claims them. */
  engage(run: Pick<WorkerRun, "jobs" | "config">): EngagedJobs;
  /**
   * Resolves when nothing is left to do: neither of the submission nor of what it spawned.
   * @throws MillraceError `WAIT_TIMED_OUT` when it goes on waiting, and the reason of `signal`
   */
  run(submission: Submission, run: WorkerRun): Promise<RunId>;
  /** What a run would do now. */
  plan(
    target: Job | JobPipeline<string>,
    options: PlanWorkOptions & Pick<WorkerRun, "config">,
  ): Promise<readonly PlannedWork[]>;
}

/** Whose runs those of tests are. */
export const testTenant = "default";

/** Entries into `execute` that one call may make. A probe that never succeeds would go on for ever. */
const maxEntries = 300;
/** A worker that is driven by hand gives no sign of life, and needs none. */
const workerTtlMs = 1e13;
const windDownMs = 1_000;

/** Nothing is opened or written outside of one temporary folder. */
export async function createTestWorker(
  clock: TestClock,
  connections: Readonly<Record<string, ConnectionOptions>>,
  tape: ExchangeTape | undefined,
): Promise<TestWorker> {
  const root = await mkdtemp(join(tmpdir(), "millrace-test-"));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(root, { recursive: true, force: true }));
  const store = cleanup.use(
    await createSqliteStore({ path: join(root, ".millrace/store.db"), clock, isDurable: false }),
  );
  const engine = cleanup.use(createDuckDbEngine({ memoryLimit: "1GB", threads: 2 }));
  const home = join(root, ".millrace");
  const paths = { store: "", lake: join(root, "lake"), home, staging: join(home, "staging") };
  const environment = readEnvironment({});
  const project = { root, paths, settings: { connections: withoutPatience(connections), lakeCache: "1GB" } };
  const log = cleanup.use(watchLog(createEmbeddedLog({ blocks: store, clock })));
  const payloads = openPayloads({ clock, folders: streamFolders({ root, home }, undefined) }, store);
  const services = cleanup.use(createRunServices({ project, environment, engine, clock, store, tape, log }));
  const workerId = await store.registerWorker({ name: "test", ttlMs: workerTtlMs, process: currentProcess() });
  const settler = new Settler(store, clock);
  const steps = new StepWriter(store);
  const owned = cleanup.move();
  const engage = engageWith({ store, clock, services, settler, steps });
  return {
    root,
    store,
    clock,
    log,
    payloads,
    workerId,
    engage,
    async run(submission, { jobs, config, signal }) {
      await using engaged = engage({ jobs, config });
      const { rootRunId } = await store.submit(submission);
      await drive({ store, clock, workerId, ...engaged }, rootRunId, signal);
      return rootRunId;
    },
    plan: async (target, { config, ...options }) => {
      const configOf = (job: string): unknown => config[job];
      const topics = { log: async () => log, payloads };
      const parts = { project, environment, engine, clock, store, tenant: testTenant, configOf, ...topics };
      return await planWork(parts, target, options);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type ExecutorParts = Pick<RunExecutorOptions, "store" | "clock" | "services" | "settler" | "steps">;

function engageWith(parts: ExecutorParts): TestWorker["engage"] {
  return ({ jobs, config }) => {
    const registry = createJobRegistry(jobs);
    const recorder = new RunRecorder(parts.store, parts.clock);
    const executor = new RunExecutor({
      ...parts,
      registry,
      recorder,
      windDownMs,
      random: () => 0.5,
      configOf: (job) => config[job],
      notify: async () => undefined,
    });
    return {
      registry,
      executor,
      flush: () => recorder.flush(),
      [Symbol.asyncDispose]: () => recorder.close(),
    };
  };
}

// Time stands still while a job executes, so whoever waited for a service would wait for ever.
function withoutPatience(
  connections: Readonly<Record<string, ConnectionOptions>>,
): Readonly<Record<string, ConnectionOptions>> {
  assertConnections("the test", connections);
  const entries = Object.entries(connections).map(([name, connection]) => [
    name,
    Object.fromEntries(Object.entries(connection).map(([kind, options]) => [kind, withoutWait(kind, options)])),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, ConnectionOptions>>;
}

function withoutWait(kind: string, options: object): object {
  if (!["http", "s3", "webhdfs"].includes(kind)) return options;
  return { ...options, limits: { ...(options as HttpConnectionOptions).limits, maxWait: "0ms" } };
}

interface Drive {
  readonly store: Store;
  readonly clock: TestClock;
  readonly workerId: WorkerId;
  readonly registry: JobRegistry;
  readonly executor: RunExecutor;
}

async function drive(drive: Drive, rootRunId: RunId, signal: AbortSignal | undefined): Promise<void> {
  const { store, clock, workerId, registry, executor } = drive;
  for (let entries = 0; entries < maxEntries;) {
    signal?.throwIfAborted();
    const claimed = await store.claim({ workerId, limit: 10, jobs: registry.names });
    entries += claimed.length;
    await Promise.all(claimed.map((run) => execute(executor, run, signal)));
    if (claimed.length > 0) continue;
    const dueInMs = await store.nextDueInMs();
    if (dueInMs === undefined) return;
    clock.skipTo(clock.now() + dueInMs);
    await store.promote(1_000);
  }
  signal?.throwIfAborted();
  throw new MillraceError(
    "WAIT_TIMED_OUT",
    `run \`${formatRunId(rootRunId)}\` waits or is tried again without an end: \`execute\` was entered ${maxEntries} times`,
    { hint: "give `ctx.waitFor` a timeout, or let the test provide what it waits for" },
  );
}

async function execute(executor: RunExecutor, run: ClaimedRun, signal: AbortSignal | undefined): Promise<void> {
  const control = new AbortController();
  const stop = (): void => control.abort(new MillraceError("RUN_STOPPED", "the test stopped the run"));
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await executor.execute(run, { control, yieldPoint: new YieldPoint() });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

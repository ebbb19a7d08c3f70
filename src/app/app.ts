// The composition root: the only file that knows every folder. It opens a project's store and engine, fills the job
// registry and lends data access to runs; all of it is closed by disposing the app.
import { type AppParts, stagingOf, warn } from "./app-parts.ts";
import { type RunningScheduler, startScheduler } from "./start-scheduler.ts";
import { type RunningWorker, startWorker } from "./start-worker.ts";
import { join } from "node:path";
import { addBuiltInJobs } from "./built-in-jobs.ts";
import { createReaders, type Readers } from "./create-readers.ts";
import { createDuckDbEngine } from "../compute/duckdb/duckdb-engine.ts";
import type { Environment } from "../config.ts";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import { assertCapable } from "../core/job/capabilities.ts";
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import { lendVariables } from "../connections/variables.ts";
import type { RunId } from "../core/run-id.ts";
import type { StreamLog } from "../core/stream/stream-log.ts";
import type { Window } from "../core/schedule/window.ts";
import { findDamage } from "../data/datasets/find-damage.ts";
import { findLeftovers, recoverStaging } from "../data/publish/recover-staging.ts";
import {
  type BackfillCall,
  type BackfillOutcome,
  backfillParams,
  Backfills,
  type BackfillScope,
} from "../orchestrator/scheduling/backfill.ts";
import type { BackfillPlan } from "../orchestrator/scheduling/plan-backfill.ts";
import { createJobRegistry, type JobLocation, type JobRegistry } from "../orchestrator/attempt/job-registry.ts";
import { createReplaceableRegistry } from "../orchestrator/worker/replaceable-registry.ts";
import { planRun, type RunPlan } from "../orchestrator/submission/plan-run.ts";
import { toSubmission } from "../orchestrator/submission/to-submission.ts";
import { waitForRun, type WaitForRunOptions } from "../orchestrator/submission/wait-for-run.ts";
import { currentProcess } from "../platforms/local/local-process.ts";
import { createSystemClock } from "../platforms/local/system-clock.ts";
import { isProjectFile } from "../project/bundled/bundled-project.ts";
import type { Definitions } from "../project/definitions.ts";
import { forgetModules } from "../project/import-module.ts";
import { loadFile } from "../project/load-definitions.ts";
import { toLimits } from "../project/to-limits.ts";
import { createNotifying, type Notifying } from "./notifying.ts";
import { openStore } from "./open-store.ts";
import { findCapabilities } from "../project/environments/find-capabilities.ts";
import { locateSetting } from "../project/load-settings.ts";
import { loadProjectDefinitions, type Project } from "../project/project.ts";
import { createLentConnections } from "./connections/lend-connections.ts";
import type { PlannedWork, PlanWorkOptions } from "./plan-work.ts";
import { lendSecretServices } from "./connections/secret-sources.ts";
import type { InvariantViolation, Json, RunSummary, SubmitResult, WorkerId } from "../store/rows/run-records.ts";
import type { Store } from "../store/store.ts";
import type { ReplayDesk } from "../server/replay-desk.ts";
import type { StreamDesk } from "../server/stream-desk.ts";
import { openPayloads, streamFolders } from "./streams/create-job-streams.ts";
import { createReplayDesk } from "./streams/replay-desk.ts";
import { openStreamDesk } from "./streams/open-stream-desk.ts";
import { type RunningReplicas, startReplicas } from "./streams/start-replicas.ts";
import { isIdle, listStuckBatches } from "./streams/stream-idleness.ts";

export interface OpenAppOptions {
  readonly project: Project;
  readonly environment: Environment;
  /** Records the exchanges of runs, or answers in the place of services; all jobs then execute in this process, and no others than those that are bound to its worker. */
  readonly tape?: ExchangeTape | undefined;
}

export interface SubmitOptions {
  readonly params: Readonly<Record<string, Json>>;
  readonly window?: Window;
  readonly createdBy: string;
  readonly tenant?: string;
  /** Although an unfinished run of the same name, params, window and tenant exists. */
  readonly again?: boolean;
  /** The only worker that may execute it, for what it alone has. Such a run is always another one. */
  readonly boundTo?: WorkerId | undefined;
}

/** A project with its store and engine open. */
export interface App extends Readers, AsyncDisposable {
  readonly project: Project;
  readonly store: Store;
  /** Those of the project and those that every project has. */
  readonly definitions: Definitions;
  /** Who is told of what, and what tells them. */
  readonly notifying: Pick<Notifying, "router" | "test">;
  /** Topics for people. */
  readonly streams: StreamDesk;
  readonly replays: ReplayDesk;
  /**
   * Reads the job files again: runs that are claimed from now on execute the new code. Schedules follow when the scheduler
   * is started anew, new names when the worker is. @throws MillraceError as loading a project does; then all stays as it was
   */
  reload(): Promise<void>;
  /** Adds what a module defines that is in no list, for workers that this process starts later. @param file absolute @returns the names */
  addModule(file: string): Promise<readonly string[]>;
  /** `created` is false when an unfinished run of the same name, params, window and tenant exists; it goes on. */
  submit(name: string, options: SubmitOptions): Promise<SubmitResult>;
  /** Takes over what dead processes of this host left, then claims and executes runs. */
  startWorker(options?: { slots?: number }): Promise<RunningWorker>;
  /** Keeps the workers of streams alive, beside other processes that do. A scheduler does so, too. */
  startReplicas(): RunningReplicas;
  /** Whether no run is left but workers of streams, and these have done all there is. */
  isIdle(): Promise<boolean>;
  /** Batches that need a person where nothing is left to do: what is behind them in their topics waits. */
  listStuckBatches(): Promise<readonly string[]>;
  /** Starts what the schedules of the project's jobs and pipelines say, beside the schedulers of other processes. */
  startScheduler(): Promise<RunningScheduler>;
  /** What a backfill would run. @throws MillraceError `JOB_UNKNOWN` | `VALUE_INVALID` */
  planBackfill(name: string, scope: BackfillScope): Promise<BackfillPlan>;
  /** Submits the windows that are missing at that moment as one run, if there are any. */
  backfill(name: string, call: BackfillCall): Promise<BackfillOutcome>;
  /** Resolves when the run has ended, whichever process executes it. */
  waitForRun(runId: RunId, options?: WaitForRunOptions): Promise<RunSummary>;
  /** @throws MillraceError `CAPABILITY_MISSING` for a job that no worker of this process can execute */
  assertExecutable(name: string): void;
  /** What a run would do. */
  plan(name: string, options: { params: Readonly<Record<string, Json>> }): Promise<RunPlan>;
  /** What the jobs of a run would read and publish now. */
  planWork(name: string, options: PlanWorkOptions): Promise<readonly PlannedWork[]>;
  /** One line for each thing that is wrong with the tables of the datasets' latest versions. */
  findDamage(): Promise<readonly string[]>;
  /** Broken invariants of the store, damaged tables, and what runs that are gone left in staging. */
  verify(): Promise<readonly InvariantViolation[]>;
}

/** @throws MillraceError `STORE_UNAVAILABLE` | `STORE_TAKEN` | `STORE_CORRUPT` | `STORE_VERSION` */
export async function openApp({ project, environment, tape }: OpenAppOptions): Promise<App> {
  lendVariables(environment.readVariable);
  const clock = createSystemClock();
  const secretServices = lendSecretServices(environment, clock);
  const store = await openStoreOf(project, environment);
  const connections = createLentConnections({ project, environment, clock }, store);
  const engine = createDuckDbEngine(project.settings.compute);
  const definitions = withBuiltIns({ project, clock, store, engine, definitions: project.definitions });
  const current = (): Definitions => parts.definitions;
  const notifying = createNotifying({ project, environment, clock, store, definitions: current, onError: warn });
  const parts: AppParts = {
    notifying,
    project,
    environment,
    clock,
    store,
    engine,
    tenant: environment.tenant ?? project.settings.tenant,
    workers: new Set(),
    definitions,
    registry: createReplaceableRegistry(registerJobs(project, definitions, tape)),
    tape,
  };
  const streams = openStreamDesk({ project, environment, clock, store, definitions: current });
  return {
    project,
    store,
    notifying,
    streams,
    get definitions() {
      return parts.definitions;
    },
    reload: () => reload(parts),
    addModule: (file) => addModule(parts, file),
    assertExecutable: (name) => assertExecutable(parts, name),
    ...createReaders(parts),
    ...createSubmitting(parts),
    planWork: async (name, options) => {
      const { planWork } = await import("./plan-work.ts");
      const configOf = (job: string): unknown => project.settings.config[job];
      const folders = streamFolders(
        { root: project.root, home: project.paths.home },
        project.settings.streams.payloads,
      );
      const payloads = openPayloads({ clock, folders }, store);
      const log = (): Promise<StreamLog> => streams.log();
      return await planWork({ ...parts, configOf, log, payloads }, parts.definitions.find(name), options);
    },
    startWorker: (options) => startWorker(parts, options?.slots ?? project.settings.slots),
    ...createStreaming(parts, () => streams.log()),
    waitForRun: (runId, options) => waitForRun({ store, clock }, runId, options),
    verify: () => verify(parts),
    findDamage: () => findDamageOf(parts),
    async [Symbol.asyncDispose]() {
      for (const worker of parts.workers) await worker.stop();
      for (const part of [notifying, streams, connections, secretServices, engine, store])
        await part[Symbol.asyncDispose]();
    },
  };
}

/** What keeps going by itself while the app is open. */
function createStreaming(
  parts: AppParts,
  log: () => Promise<StreamLog>,
): Pick<App, "startScheduler" | "startReplicas" | "isIdle" | "listStuckBatches" | "replays"> {
  return {
    replays: createReplayDesk({ ...parts, definitions: () => parts.definitions, log }),
    startReplicas: () => startReplicas(parts, log),
    isIdle: () => isIdle(parts, log),
    listStuckBatches: () => listStuckBatches(parts, log),
    startScheduler: async () => {
      const scheduler = await startScheduler(parts, log);
      const replicas = startReplicas(parts, log);
      return { ...scheduler, stop: async () => void (await Promise.all([replicas.stop(), scheduler.stop()])) };
    },
  };
}

async function openStoreOf(project: Project, { databaseUrl }: Environment): Promise<Store> {
  return await openStore({
    databaseUrl,
    database: project.settings.database,
    path: project.paths.store,
    owner: { project: project.name, environment: project.environment },
    isShared: databaseUrl !== undefined || !project.ownsStoreFile,
    bootId: currentProcess().bootId,
  });
}

async function verify(parts: AppParts): Promise<readonly InvariantViolation[]> {
  const { project, store } = parts;
  const leftovers = await findLeftovers(stagingOf(project, store));
  const damage = await findDamageOf(parts);
  return [
    ...(await store.verify()),
    ...leftovers.map((message) => ({ invariant: "staging", message })),
    ...damage.map((message) => ({ invariant: "table", message })),
  ];
}

function createSubmitting(parts: AppParts): Pick<App, "submit" | "plan" | "planBackfill" | "backfill"> {
  const { project, store, tenant } = parts;
  const find = (name: string): Job | JobPipeline<string> => parts.definitions.find(name);
  const backfills = new Backfills(store, tenant);
  const plan = async (target: Job | JobPipeline<string>, params: Readonly<Record<string, Json>>): Promise<RunPlan> => {
    try {
      return planRun(target, params, (job) => project.settings.config[job]);
    } catch (error) {
      throw (await locateSetting(error, project.layers, project.root)) ?? error;
    }
  };
  // What could not start is a mistake of the caller and leaves no run behind.
  const checked = async (name: string, scope: BackfillScope): Promise<Job | JobPipeline<string>> => {
    const target = find(name);
    await plan(target, backfillParams(target, scope));
    return target;
  };
  return {
    async submit(name, { again = false, boundTo, ...options }) {
      const { runKey, ...submission } = toSubmission(find(name), { tenant, ...options });
      if (boundTo !== undefined) return await store.submit({ ...submission, boundTo });
      return await store.submit(again || runKey === undefined ? submission : { ...submission, runKey });
    },
    plan: async (name, { params }) => await plan(find(name), params),
    planBackfill: async (name, scope) => await backfills.plan(await checked(name, scope), scope),
    backfill: async (name, call) => await backfills.run(await checked(name, call), call),
  };
}

async function reload(parts: AppParts): Promise<void> {
  const { project, store, registry, tape } = parts;
  forgetModules(project.root);
  const loaded = await loadProjectDefinitions(project);
  const definitions = withBuiltIns({ ...parts, definitions: loaded });
  registry.replace(registerJobs(project, definitions, tape));
  parts.definitions = definitions;
  await store.setLimits(toLimits(project.settings, definitions.jobs.values()));
}

function assertExecutable({ project, environment, definitions }: AppParts, name: string): void {
  const target = definitions.find(name);
  const available = findCapabilities(project.settings, environment);
  for (const job of target.kind === "job" ? [target] : target.nodes().map((node) => node.job))
    assertCapable(job, available);
}

async function addModule(parts: AppParts, file: string): Promise<readonly string[]> {
  const { project, definitions, registry, tape } = parts;
  const names = await loadFile(definitions, file, project.root);
  registry.replace(registerJobs(project, definitions, tape));
  return names;
}

type BuiltInParts = Pick<AppParts, "project" | "clock" | "store" | "engine"> & { readonly definitions: Definitions };

function withBuiltIns({ definitions, ...parts }: BuiltInParts): Definitions {
  const recoverLeftovers = (): Promise<void> => recoverStaging(stagingOf(parts.project, parts.store));
  return addBuiltInJobs(definitions, { ...parts, recoverLeftovers });
}

function registerJobs(project: Project, definitions: Definitions, tape: ExchangeTape | undefined): JobRegistry {
  const jobs = [...definitions.jobs.values()];
  const executed = tape === undefined ? jobs : jobs.map((job) => ({ ...job, isolation: "inline" as const }));
  return createJobRegistry(executed, { locate: (job) => locate(project, definitions, job) });
}

function locate({ root, environment }: Project, definitions: Definitions, job: string): JobLocation | undefined {
  const file = definitions.fileOf(job);
  const isFile = file !== undefined && isProjectFile(join(root, file), root);
  return isFile ? { root, file: join(root, file), ...(environment === undefined ? {} : { environment }) } : undefined;
}

/** What shows people rows. */
async function findDamageOf({ engine, store }: AppParts): Promise<readonly string[]> {
  const datasets = await store.listDatasets();
  return datasets.length === 0 ? [] : await findDamage(engine, datasets);
}

// The composition root: the only file that knows every folder. It opens a project's store and engine, fills the job
// registry and lends data access to runs; all of it is closed by disposing the app.
import { createDuckDbEngine } from "./compute/duckdb/duckdb-engine.ts";
import type { Engine } from "./compute/engine.ts";
import { type Environment, readEnvironment } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { type Duration, parseDuration } from "./core/duration.ts";
import type { Schedule } from "./core/schedule.ts";
import type { DatasetVersion } from "./core/dataset.ts";
import { MillraceError } from "./core/errors.ts";
import type { Job } from "./core/job.ts";
import type { JobData } from "./core/job-context.ts";
import { isPipeline, type JobPipeline } from "./core/pipeline.ts";
import type { RunReport } from "./core/pipeline-runner.ts";
import { formatRunId, type RunId } from "./core/run-id.ts";
import type { Window } from "./core/window.ts";
import { createJobData } from "./data/job-data.ts";
import { findLeftovers, recoverStaging, type RecoverStagingInput } from "./data/recover-staging.ts";
import type { RunDataInput, RunServices } from "./orchestrator/create-job-context.ts";
import { type BackfillPlan, planBackfill, toBackfillSubmission } from "./orchestrator/plan-backfill.ts";
import { Scheduler } from "./orchestrator/scheduler.ts";
import { createJobRegistry } from "./orchestrator/job-registry.ts";
import { planRun, type RunPlan } from "./orchestrator/plan-run.ts";
import { toJson } from "./orchestrator/to-json.ts";
import { toSubmission } from "./orchestrator/to-submission.ts";
import { waitForRun, type WaitForRunOptions } from "./orchestrator/wait-for-run.ts";
import type { RunEnd } from "./orchestrator/run-executor.ts";
import { Worker } from "./orchestrator/worker.ts";
import { currentProcess, isProcessDead } from "./platforms/local/local-process.ts";
import { createSystemClock } from "./platforms/local/system-clock.ts";
import type { Definitions } from "./project/definitions.ts";
import { toLimits } from "./project/to-limits.ts";
import type { RunNotice } from "./project/load-config.ts";
import { openStore } from "./open-store.ts";
import { loadProject, type Project, resolveInProject } from "./project/project.ts";
import type { InvariantViolation, Json, RunSummary, SubmitResult } from "./store/run-records.ts";
import type { Store } from "./store/store.ts";

export interface OpenAppOptions {
  readonly project: Project;
  readonly environment: Environment;
}

export interface SubmitOptions {
  readonly params: Readonly<Record<string, Json>>;
  readonly window?: Window;
  readonly createdBy: string;
  readonly tenant?: string;
  /** Although an unfinished run of the same name, params, window and tenant exists. */
  readonly again?: boolean;
}

export interface BackfillOptions {
  readonly range: Window;
  /** Length of a window; default: from fire to fire of the schedule. */
  readonly step?: Duration;
  readonly params: Readonly<Record<string, Json>>;
  /** Windows under way at once. */
  readonly parallelism: number;
  readonly createdBy: string;
}

export interface RunningScheduler {
  /** How many schedules this process keeps. */
  readonly schedules: number;
  stop(): Promise<void>;
}

export interface RunningWorker {
  /** Gives unfinished runs back, so that another process continues them, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** A project with its store and engine open. */
export interface App extends AsyncDisposable {
  readonly project: Project;
  readonly store: Store;
  /** `created` is false when an unfinished run of the same name, params, window and tenant exists; it goes on. */
  submit(name: string, options: SubmitOptions): Promise<SubmitResult>;
  /** Takes over what dead processes of this host left, then claims and executes runs. */
  startWorker(options?: { slots?: number }): Promise<RunningWorker>;
  /** Starts what the schedules of the project's jobs and pipelines say, beside the schedulers of other processes. */
  startScheduler(): Promise<RunningScheduler>;
  /** What a backfill would run. @throws MillraceError `JOB_UNKNOWN` | `VALUE_INVALID` */
  planBackfill(name: string, options: Pick<BackfillOptions, "range" | "step">): Promise<BackfillPlan>;
  /** Submits the missing windows as one run. */
  backfill(name: string, options: BackfillOptions): Promise<SubmitResult>;
  /** Resolves when the run has ended, whichever process executes it. */
  waitForRun(runId: RunId, options?: WaitForRunOptions): Promise<RunSummary>;
  /** What a run would do. */
  plan(name: string, options: { params: Readonly<Record<string, Json>> }): Promise<RunPlan>;
  /** Broken invariants of the store, and what runs that are gone left in staging. */
  verify(): Promise<readonly InvariantViolation[]>;
}

/** @throws MillraceError `STORE_UNAVAILABLE` | `STORE_CORRUPT` | `STORE_VERSION` */
export async function openApp({ project, environment }: OpenAppOptions): Promise<App> {
  const clock = createSystemClock();
  const { paths, definitions } = project;
  const store = await openStore({
    databaseUrl: environment.databaseUrl,
    path: paths.store,
    bootId: currentProcess().bootId,
  });
  const engine = createDuckDbEngine(project.config.compute);
  const services = createRunServices({ project, environment, store, engine, clock });
  const tenant = environment.tenant ?? project.config.tenant;
  const find = (name: string): Job | JobPipeline<string> => definitions.find(name);
  const workers = new Set<Worker>();

  return {
    project,
    store,
    async submit(name, options) {
      const { runKey, ...submission } = toSubmission(find(name), { tenant, ...options });
      const isOnce = options.again !== true && runKey !== undefined;
      return await store.submit(isOnce ? { ...submission, runKey } : submission);
    },
    async startWorker(options) {
      await store.setLimits(toLimits(project.config, definitions.jobs.values()));
      const worker = new Worker({
        store,
        clock,
        services,
        isProcessDead,
        random: Math.random,
        registry: createJobRegistry(definitions.jobs.values()),
        configOf: (job) => project.config.config[job],
        notify: async (end) => project.config.notify?.(toNotice(end)),
        process: currentProcess(),
        slots: options?.slots ?? project.config.slots,
        onError: warn,
      });
      workers.add(worker);
      await worker.start();
      await recoverStaging(stagingOf(project, store));
      return {
        async stop() {
          workers.delete(worker);
          await worker.stop();
          // What died while this worker was at work is cleaned up with it.
          await recoverStaging(stagingOf(project, store));
        },
      };
    },
    async startScheduler() {
      await store.setLimits(toLimits(project.config, definitions.jobs.values()));
      const schedules = schedulesOf(definitions);
      const scheduler = new Scheduler({
        store,
        clock,
        schedules,
        random: Math.random,
        toSubmission: (name, { params, window, createdBy }) =>
          toSubmission(find(name), { params, window, createdBy, tenant }),
        onError: warn,
      });
      scheduler.start();
      return { schedules: schedules.size, stop: () => scheduler.stop() };
    },
    planBackfill: (name, options) => planBackfillOf(store, find(name), options),
    async backfill(name, { parallelism, params, createdBy, ...options }) {
      const plan = await planBackfillOf(store, find(name), options);
      return store.submit(toBackfillSubmission(find(name), plan, { parallelism, params, createdBy, tenant }));
    },
    waitForRun: (runId, options) => waitForRun({ store, clock }, runId, options),
    plan: async (name, { params }) => planRun(find(name), params, (job) => project.config.config[job]),
    async verify() {
      const leftovers = await findLeftovers(stagingOf(project, store));
      return [...(await store.verify()), ...leftovers.map((message) => ({ invariant: "staging", message }))];
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker.stop();
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function warn(error: MillraceError): void {
  process.emitWarning(error.message, { code: error.code });
}

function schedulesOf({ jobs, pipelines }: Definitions): ReadonlyMap<string, Schedule> {
  const scheduled = [...pipelines.values(), ...jobs.values()];
  return new Map(scheduled.flatMap(({ name, schedule }) => (schedule === undefined ? [] : [[name, schedule]])));
}

async function planBackfillOf(
  store: Store,
  target: Job | JobPipeline<string>,
  { range, step }: Pick<BackfillOptions, "range" | "step">,
): Promise<BackfillPlan> {
  const { name, schedule } = target;
  const by = step === undefined ? schedule?.timing : { kind: "step" as const, stepMs: parseDuration(step, "step") };
  if (by === undefined) {
    throw new MillraceError("VALUE_INVALID", `\`${name}\` has no schedule to take the windows from`, {
      hint: "give the length of a window, such as `--step 1d`",
    });
  }
  return planBackfill({ name, range, by, existing: await store.listWindows(name, range) });
}

/**
 * Runs a pipeline to its end on the project of the current folder; the engine behind `pipeline.run()`.
 * @throws MillraceError the first failed job's code and message
 */
export async function runPipeline(
  pipeline: { readonly kind: "pipeline"; readonly name: string },
  params: Readonly<Record<string, unknown>>,
): Promise<RunReport> {
  const environment = readEnvironment();
  const project = await loadProject({ cwd: process.cwd(), environment, definitions: false });
  if (isPipeline(pipeline)) project.definitions.add(pipeline, "this program");
  await using app = await openApp({ project, environment });
  await using cleanup = new AsyncDisposableStack();
  const { rootRunId } = await app.submit(pipeline.name, { params: toJsonObject(params), createdBy: environment.user });
  const running = await app.startWorker();
  cleanup.defer(() => running.stop());
  const run = await app.waitForRun(rootRunId);
  if (run.state === "FINISHED") return { runId: formatRunId(run.id), state: run.state, result: run.result };
  const [failed] = await app.store.listRuns({ parentRunId: run.id, state: "ERROR", limit: 1 });
  const { code = "JOB_FAILED", message = "run did not finish", hint } = failed?.error ?? run.error ?? {};
  throw new MillraceError(code, message, { disposition: "fail", ...(hint === undefined ? {} : { hint }) });
}

interface RunServicesParts {
  readonly project: Project;
  readonly environment: Environment;
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: Clock;
}

function createRunServices({ project, environment, store, engine, clock }: RunServicesParts): RunServices {
  return {
    serviceProvider: environment.serviceProvider,
    hasSpark: environment.hasSpark,
    resolvePath: (relative) => resolveInProject(project.root, relative),
    createData: (input) => createRunData({ store, engine, clock, project }, input),
  };
}

type RunDataParts = Pick<RunServicesParts, "project" | "store" | "engine" | "clock">;

function createRunData(
  { project, store, engine, clock }: RunDataParts,
  { run, lease, signal, log, progress }: RunDataInput,
): JobData {
  return createJobData({
    engine,
    signal,
    log,
    progress,
    now: () => clock.now(),
    paths: { root: project.root, lake: project.paths.lake, staging: project.paths.staging },
    run: { id: run.runId, job: run.job, epoch: run.epoch, createdAtMs: run.createdAtMs },
    emit: (event) => lease.appendEvents([event]),
    registry: {
      find: (name, version) => store.findDataset(name, version),
      names: async () => (await store.listDatasets()).map((version: DatasetVersion) => version.dataset),
      record: (version) => lease.recordDataset(version),
      assertHeld: () => lease.assertHeld(),
    },
  });
}

function toNotice({ run, end, reason, error }: RunEnd): RunNotice {
  const state = end === "finished" ? "FINISHED" : "ERROR";
  return { job: run.job, runId: formatRunId(run.runId), state, reason, message: error?.message };
}

function toJsonObject(params: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, toJson(value)]));
}

// Staging folders are named by run and epoch; the store knows which of them still have an owner.
function stagingOf(project: Project, store: Store): RecoverStagingInput {
  return {
    staging: project.paths.staging,
    isLive: async (runId, epoch) => (await store.heldFences([{ runId, epoch }])).length > 0,
  };
}

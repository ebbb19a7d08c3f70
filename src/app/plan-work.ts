// What the jobs of a run would do now. It reads the store, datasets and folders, and sends, writes and locks nothing.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../compute/engine.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { toDatasetName } from "../core/dataset/dataset-handle.ts";
import { classifyError } from "../core/errors/classify-error.ts";
import type { MillraceError } from "../core/errors/errors.ts";
import { createSecretRedactor } from "../core/errors/secret-redactor.ts";
import { isFullRefresh } from "../core/job/full-refresh.ts";
import type { Job } from "../core/job/job.ts";
import type { JobContext, JobLogger } from "../core/job/job-context.ts";
import type { JobPlan, PlanContext } from "../core/job/job-plan.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import { parseArguments } from "../core/job/run-job.ts";
import { nextFire } from "../core/schedule/schedule-fires.ts";
import type { Window } from "../core/schedule/window.ts";
import { findDataset } from "../data/datasets/dataset-catalog.ts";
import { queryDatasets } from "../data/jobs/query-datasets.ts";
import { readCredentials } from "../data/jobs/read-credentials.ts";
import { toNamedRequest } from "../data/publish/named-request.ts";
import { planPublication } from "../data/publish/plan-publication.ts";
import { remembersRun } from "../data/jobs/remembers-run.ts";
import type { StreamLog } from "../core/stream/stream-log.ts";
import type { StreamPayloads } from "../core/stream/stream-payloads.ts";
import type { TopicReader } from "../core/stream/topic-reader.ts";
import { readStep, toUnfinished } from "../orchestrator/attempt/attempt-units.ts";
import type { Project } from "../project/project.ts";
import type { WatermarkRecord } from "../store/state/state-store.ts";
import type { Store } from "../store/store.ts";
import { clusterOf } from "./connections/cluster-of.ts";
import { LazyConnections } from "./connections/lazy-connections.ts";
import { openSeal } from "./connections/open-seal.ts";
import type { OpenConnectionsOptions } from "./connections/open-connections.ts";
import { createTopicReader } from "./streams/create-topic-reader.ts";

export interface PlanWorkParts {
  readonly project: Pick<Project, "root" | "paths"> &
    OpenConnectionsOptions["project"] & { readonly settings: Partial<Pick<Project["settings"], "compute">> };
  readonly environment: Environment;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly store: Store;
  readonly tenant: string;
  readonly configOf: (job: string) => unknown;
  /** Of the project, opened when a plan reads a topic. */
  readonly log: () => Promise<StreamLog>;
  readonly payloads: Pick<StreamPayloads, "valueOf">;
}

export interface PlanWorkOptions {
  readonly params: Readonly<Record<string, unknown>>;
  readonly window?: Window | undefined;
}

/** A job of a run. */
export interface PlannedWork {
  readonly job: string;
  /** Absent where only the code of the job tells. */
  readonly plan?: JobPlan;
  /** What its run would fail with. */
  readonly problem?: MillraceError;
  /** Datasets that it reads and that a job before it in the same run publishes anew. */
  readonly renewed: readonly string[];
  /** When a schedule starts it next, as an instant. */
  readonly nextFireAt?: string;
}

/** The jobs of a run in their order. @throws MillraceError `CONFIG_INVALID` | `PARAMS_INVALID` for what could not start */
export async function planWork(
  parts: PlanWorkParts,
  target: Job | JobPipeline<string>,
  options: PlanWorkOptions,
): Promise<readonly PlannedWork[]> {
  const jobs = target.kind === "job" ? [target] : target.nodes().map(({ job }) => job);
  const redactor = createSecretRedactor();
  const onSecret = (secret: string): void => void redactor.add(secret);
  const { clock, store } = parts;
  await using connections = new LazyConnections({ ...parts, onSecret });
  const connect: Connect = async (name) => await connections.open(name, store);
  const work: PlannedWork[] = [];
  const published = new Set<string>();
  for (const job of jobs) {
    const planned = await planJob({ ...parts, connect, onSecret }, job, options);
    const fireMs = job.schedule === undefined ? undefined : nextFire(job.schedule.timing, clock.now());
    work.push({
      job: job.name,
      ...redactor.redact(planned, { keys: false }),
      renewed: job.inputs.filter((input) => published.has(input)),
      ...(fireMs === undefined ? {} : { nextFireAt: new Date(fireMs).toISOString() }),
    });
    for (const output of job.outputs) published.add(output);
  }
  return work;
}

type Connect = (name: string) => ReturnType<LazyConnections["open"]>;

interface JobPlanParts extends PlanWorkParts {
  readonly connect: Connect;
  readonly onSecret: (secret: string) => void;
}

async function planJob(
  parts: JobPlanParts,
  job: Job,
  options: PlanWorkOptions,
): Promise<Pick<PlannedWork, "plan" | "problem">> {
  const checked = parseArguments(job, parts.configOf(job.name), options.params);
  if (job.plan === undefined) return {};
  const folder = join(parts.project.paths.staging, `plan-${randomUUID()}`);
  try {
    const ctx = createPlanContext({ ...parts, folder }, job, { ...checked, options });
    return { plan: await job.plan(ctx) };
  } catch (error) {
    return { problem: classifyError(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function createPlanContext(
  {
    project,
    environment,
    engine,
    store,
    clock,
    tenant,
    connect,
    onSecret,
    folder,
    log,
    payloads,
  }: JobPlanParts & { readonly folder: string },
  job: Job,
  { config, params, options }: ReturnType<typeof parseArguments> & { readonly options: PlanWorkOptions },
): PlanContext {
  const isRefresh = isFullRefresh(options.params);
  const { signal } = new AbortController();
  const catalog = {
    find: (name: string, version?: number) => store.findDataset(name, version),
    names: async () => (await store.listDatasets()).map(({ dataset }) => dataset),
  };
  const topics = readTopics({ log, payloads }, job, signal);
  const inputs = [...job.inputs, ...topics.names];
  const paths = { root: project.root, ...project.paths };
  const { compute } = project.settings;
  const cluster = clusterOf({ root: project.root, lake: paths.lake, compute, environment, clock, onSecret });
  const reached = cluster === undefined ? {} : { cluster };
  const scope = { engine, ...reached, catalog, folder, inputs, topics, signal, connect, onSecret, log: silent };
  return {
    config,
    params,
    window: options.window,
    run: { isFullRefresh: isRefresh },
    data: {
      dataset: (reference) => findDataset(catalog, toDatasetName(reference)),
      hasPublished: (output, run) => remembersRun(output, run, { engine, paths }),
      credentials: async (reference) =>
        await readCredentials(
          { ...scope, seal: () => Promise.resolve(openSeal(project.root, environment)), warn: () => undefined },
          toDatasetName(reference),
        ),
    },
    sql: (...query) => queryDatasets({ ...scope, warn: () => undefined }, query),
    // nothing is remembered: each plan is that of a run which begins now
    step: (async (_name, work) => await work()) as JobContext["step"],
    units: planUnits({ store, clock, tenant, job, isRefresh }),
    plan: async (request) =>
      await planPublication(toNamedRequest(request), {
        ...scope,
        paths,
        isFullRefresh: isRefresh,
        window: options.window,
        now: () => clock.now(),
        operation: () => undefined,
      }),
  };
}

/** Topics as a run that begins now would find them. One that nobody has made is empty, and is not made. */
function readTopics({ log, payloads }: TopicsOfPlan, job: Job, signal: AbortSignal): TopicReader {
  return createTopicReader(
    {
      log: {
        read: async (read) => await (await log()).read(read),
        findTopic: async (name) => await (await log()).findTopic(name),
        declareTopic: async ({ name, partitions, retentionMs }) => {
          const bounds = Array.from({ length: partitions }, (_, partition) => ({
            partition,
            start: 0,
            end: 0,
            bytes: 0,
          }));
          return { name, id: "", partitions, retentionMs, bounds };
        },
      },
      payloads,
      leftOut: { add: () => undefined, list: () => [] },
    },
    {
      topicInputs: job.topicInputs,
      stream: undefined,
      run: { params: {} },
      lease: { findBatch: async () => undefined, loadStep: async () => undefined, saveStep: async () => undefined },
      signal,
    },
  );
}

type TopicsOfPlan = Pick<PlanWorkParts, "log" | "payloads">;

interface UnitsOfPlan extends Pick<PlanWorkParts, "store" | "clock" | "tenant"> {
  readonly job: Job;
  readonly isRefresh: boolean;
}

/** What a run that begins now would find, and nothing of what it would write. */
function planUnits({ store, clock, tenant, job, isRefresh }: UnitsOfPlan): PlanContext["units"] {
  const records = async (): Promise<readonly WatermarkRecord[]> =>
    isRefresh ? [] : await watermarksOf(store, job, tenant);
  return {
    load: async () => new Map((await records()).map(({ name, value }) => [name, value])),
    startOfReading: () => new Date(clock.now()).toISOString(),
    loadRead: () => Promise.resolve(undefined),
    findUnfinished: async () => {
      const found = isRefresh ? undefined : await store.findUnfinishedRead({ job: job.name, tenant, step: readStep });
      if (found === undefined) return undefined;
      return toUnfinished(found, new Map((await records()).map((record) => [record.name, record])));
    },
    saveRead: () => Promise.resolve(),
    advance: () => Promise.resolve(),
  };
}

async function watermarksOf(
  store: Pick<Store, "listWatermarks">,
  job: Job,
  tenant: string,
): Promise<readonly WatermarkRecord[]> {
  return (await store.listWatermarks(job.name)).filter((record) => record.tenant === tenant);
}

const silent: JobLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

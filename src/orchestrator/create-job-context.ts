// Builds what a job may touch. Every durable write carries the run's fence; a lost lease aborts the handler.
import type { z } from "zod";
import { MillraceError } from "../core/errors.ts";
import type { JobCheckpoint, JobContext, JobData, JobLogger, ProgressUpdate, RunInfo } from "../core/job-context.ts";
import type { ClaimedRun, Json, LogLevel, UnitRecord } from "../store/run-records.ts";
import type { Store } from "../store/store.ts";
import type { RunJournal } from "./run-journal.ts";
import type { RunLease } from "./run-lease.ts";
import type { JobRegistry } from "./job-registry.ts";
import { createDurableWaits } from "./durable-waits.ts";
import type { PauseSwitch } from "./pause-switch.ts";
import { runUnits } from "./run-units.ts";
import { createSpawn } from "./spawn-run.ts";
import { toJson } from "./to-json.ts";

/** What the data layer gets to know about the run it works for. */
export interface RunDataInput {
  readonly run: ClaimedRun;
  readonly lease: RunLease;
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  readonly progress: (update: ProgressUpdate) => void;
}

/** What the composition root lends to every run. */
export interface RunServices {
  readonly serviceProvider: string;
  readonly hasSpark: boolean;
  createData(input: RunDataInput): JobData;
  resolvePath(relative: string): string;
}

export interface CreateJobContextInput {
  readonly run: ClaimedRun;
  readonly lease: RunLease;
  readonly config: unknown;
  readonly params: unknown;
  readonly store: Store;
  readonly journal: RunJournal;
  readonly services: RunServices;
  readonly signal: AbortSignal;
  readonly registry: JobRegistry;
  readonly now: () => number;
  /** Looked at in the safe places. */
  readonly pause: PauseSwitch;
  /** Called for each item that `ctx.each` left failed with `onItemError: "continue"`. */
  readonly onItemFailure: (message: string) => void;
}

const maxPayloadBytes = 1_048_576;

/** The context of one attempt. */
export function createJobContext(input: CreateJobContextInput): JobContext {
  const { run, lease, store, journal, services, signal, pause } = input;
  const log = createLogger(input);
  const progress = (update: ProgressUpdate): void => journal.progress(run.runId, update);
  const data = services.createData({ run, lease, signal, log, progress });
  return {
    config: input.config,
    params: input.params,
    window: run.window,
    run: toRunInfo(run, services),
    signal,
    log,
    progress,
    checkpoint: createCheckpoint(input, log),
    each: async (items, options, work) => {
      const unitStore = {
        load: () => store.loadUnits(run.runId),
        save: (units: readonly UnitRecord[]) => lease.saveUnits(units),
      };
      const total = Array.isArray(items) ? { total: items.length } : {};
      const onProgress = (done: number): void => journal.progress(run.runId, { done, ...total });
      const beforeEach = (): void => pause.throwIfRequested();
      const result = await runUnits({ items, options, work, store: unitStore, signal, onProgress, beforeEach });
      for (const { key, message } of result.failures) input.onItemFailure(`item \`${key}\`: ${message}`);
      return result;
    },
    step: async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
      const known = await store.loadStep(run.runId, name);
      // What a step returned was stored as JSON and comes back as such.
      if (known !== undefined) return known.value as T;
      signal.throwIfAborted();
      pause.throwIfRequested();
      const value = await work();
      await lease.saveStep(name, limitPayload(`result of step \`${name}\``, value));
      return value;
    },
    ...createDurableWaits(input),
    spawn: createSpawn(input),
    upstream: (job) => loadUpstreamResult(store, run, job),
    data,
    sql: (query, inputs) => data.query(query, inputs),
    path: (relative) => services.resolvePath(relative),
  };
}

function toRunInfo(run: ClaimedRun, services: RunServices): RunInfo {
  const { job, attempt, tenant, createdBy } = run;
  return {
    id: run.runId,
    job,
    attempt,
    tenant,
    createdBy,
    serviceProvider: services.serviceProvider,
    hasSpark: services.hasSpark,
  };
}

function createLogger({ run, journal }: CreateJobContextInput): JobLogger {
  const logAt =
    (level: LogLevel) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      journal.log(run.runId, level, message, fields);
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

function createCheckpoint({ run, lease, store, pause }: CreateJobContextInput, log: JobLogger): JobCheckpoint {
  return {
    load: async <T>(schema: z.ZodType<T>): Promise<T | undefined> => {
      for (const { version, data } of await store.loadCheckpoints(run.runId)) {
        if (data !== undefined) return parseCheckpoint(schema, version, data);
        log.warn(`checkpoint version ${version} is corrupt; the version before it is used`);
        await lease.appendEvents([{ type: "checkpoint_corrupt", data: { version } }]);
      }
      return undefined;
    },
    save: async (data) => {
      await lease.saveCheckpoint(limitPayload("checkpoint", data));
      pause.throwIfRequested();
    },
  };
}

function parseCheckpoint<T>(schema: z.ZodType<T>, version: number, data: Json): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : ` at \`${issue.path.join(".")}\`: ${issue.message}`;
  throw new MillraceError("CHECKPOINT_INVALID", `checkpoint version ${version} does not fit its schema${where}`, {
    hint: "the job's code changed between attempts; accept both shapes in the schema, or start a new run",
  });
}

function limitPayload(what: string, value: unknown): Json {
  const json = toJson(value);
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes <= maxPayloadBytes) return json;
  throw new MillraceError(
    "CHECKPOINT_INVALID",
    `expected ${what} to be at most 1 MiB as JSON, got: \`${bytes}\` bytes`,
    {
      hint: "publish large data as a dataset and keep its name here",
    },
  );
}

async function loadUpstreamResult(store: Store, run: ClaimedRun, job: string): Promise<unknown> {
  const upstream = await store.findUpstream(run.runId, job);
  if (upstream !== undefined) return upstream.result;
  throw new MillraceError("JOB_UNKNOWN", `job \`${run.job}\` has no upstream job \`${job}\` in this run`, {
    hint: "name it in `dependsOn` of the pipeline",
  });
}

// A job: what a user defines once and the engine runs many times.
import type { DatasetOutput } from "../dataset/dataset.ts";
import { z } from "zod";
import { datasetReferences, type DatasetReference, listExternal, toDatasetName } from "../dataset/dataset-handle.ts";
import { parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import { createMetricRules, type MetricRules } from "../metric/metric-rules.ts";
import type { JobNotifications } from "../notification/notification-rule.ts";
import { createRetryPolicy, type RetryPolicy } from "../recovery/retry-policy.ts";
import { createSla, type Sla } from "../schedule/sla.ts";
import { createSchedule, type Schedule } from "../schedule/schedule.ts";
import { optional } from "../spec/option-notes.ts";
import { callback } from "../spec/option-values.ts";
import { refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type { MapReduceCode } from "../mapreduce/map-reduce.ts";
import type { JobStream } from "../stream/job-stream.ts";
import type { Topic } from "../stream/topic.ts";
import type { JobContext } from "./job-context.ts";
import { type JobInput, jobInputs, splitInputs } from "./job-inputs.ts";
import type { JobPlan, PlanContext } from "./job-plan.ts";
import {
  type JobIsolation,
  type JobLayer,
  type JobOptions,
  jobOptionsSpec,
  type JobPurpose,
  parseJobOptions,
} from "./job-options.ts";
import type { CapabilityNeeds } from "./capabilities.ts";
import { type JobReference, jobReferences, toJobName } from "./job-reference.ts";
import type { JobResult, ResultIn } from "./outcome.ts";

/**
 * A job in code. `Params` is what `execute` sees, `Input` what a run may be given for it, and `Returned` what `execute`
 * returns; all are inferred.
 */
export interface JobDefinition<
  Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
  Returned = unknown,
> extends JobOptions<Name, Config, Params, Input> {
  /**
   * Datasets the job reads, from which a pipeline infers its edges, and topics; `ctx.sql` reads both by their names. Of a topic it
   * reads the records that were kept when the run first asked.
   */
  readonly inputs?: readonly JobInput[];
  /** Datasets the job publishes. */
  readonly outputs?: readonly DatasetReference[];
  /** Jobs that it starts with `ctx.spawn`; it can start no others. */
  readonly spawns?: readonly (string | JobReference)[];
  execute(ctx: JobContext<Config, Params>): Returned;
  /** After the run FINISHED. A failure here is a warning event. */
  onSuccess?(ctx: JobContext<Config, Params>, result: ResultIn<Returned>): Promise<void> | void;
  /** After each failed attempt. A failure here is a warning event. */
  onFailure?(ctx: JobContext<Config, Params>, error: MillraceError): Promise<void> | void;
}

/** The params of a job without a schema: it is given whatever the run is given. */
export type UndeclaredParams = Readonly<Record<string, unknown>>;

/** What a run is given, unchecked. */
export interface GivenArguments {
  readonly config: unknown;
  readonly params: unknown;
}

/**
 * A checked job with its defaults filled in. Config and params are validated before `execute` sees them. `Params` is what
 * a run of it is given, `Result` what it returns.
 */
export interface Job<Name extends string = string, Params = unknown, Result = unknown> extends JobReference<
  Name,
  Params,
  Result
> {
  readonly description: string | undefined;
  readonly purpose: JobPurpose | undefined;
  readonly layer: JobLayer | undefined;
  readonly config: z.ZodType;
  readonly inputs: readonly string[];
  /** Topics that its queries read. */
  readonly topicInputs: readonly Topic[];
  /** Those of `inputs` that something outside of the project publishes, as the job says. */
  readonly declaredExternal: readonly string[];
  readonly outputs: readonly string[];
  readonly spawns: readonly string[];
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | undefined;
  readonly concurrency: number | undefined;
  readonly pool: string | undefined;
  readonly connections: readonly string[];
  readonly priority: number;
  readonly isolation: JobIsolation;
  readonly needs: CapabilityNeeds;
  readonly schedule: Schedule | undefined;
  readonly sla: Sla | undefined;
  readonly metrics: MetricRules;
  readonly notifications: JobNotifications | undefined;
  /** Who is told of one run, where what the run is given says so. */
  notificationsOf?(given: GivenArguments): JobNotifications | undefined;
  execute(ctx: JobContext): Promise<unknown>;
  /** What its next run would do; absent where only its code tells. */
  plan?(ctx: PlanContext): Promise<JobPlan>;
  /** How it publishes its dataset; absent where only its code tells. */
  readonly output?: DatasetOutput;
  /** Its functions, of a job of map and reduce; they are called in other threads, too. */
  readonly mapReduce?: MapReduceCode;
  /** The topics that it works through; absent for a job that ends by itself. */
  readonly stream?: JobStream;
  onSuccess(ctx: JobContext, result: JobResult): Promise<void>;
  onFailure(ctx: JobContext, error: MillraceError): Promise<void>;
  /** The text of what was given as its functions, for telling versions of the code apart. */
  codeText(): readonly string[];
}

type OwnOptions = Omit<JobDefinition<string>, keyof JobOptions>;

const spec = defineSpec<OwnOptions, JobOptions>(jobOptionsSpec)(() => ({
  inputs: jobInputs()
    .default([])
    .describe(
      "datasets it reads, by name or handle, and topics; a pipeline infers its edges from the datasets, and `ctx.sql` reads both by their names",
    ),
  outputs: datasetReferences().default([]).describe("datasets it publishes"),
  spawns: jobReferences().default([]).describe("jobs that it starts with `ctx.spawn`; it can start no others"),
  execute: callback<OwnOptions["execute"]>().describe("does the work; what it returns is the result of the run"),
  onSuccess: optional(callback<NonNullable<OwnOptions["onSuccess"]>>()).describe(
    "called after the run FINISHED; a failure in it is a warning event",
  ),
  onFailure: optional(callback<NonNullable<OwnOptions["onFailure"]>>()).describe(
    "called after each failed attempt; a failure in it is a warning event",
  ),
}));

export const jobSpec: Spec<OwnOptions> = spec;

/**
 * Defines a job. Its file default-exports what this returns.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function defineJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
  Returned = unknown,
>(definition: JobDefinition<Name, Config, Params, Input, Returned>): Job<Name, Input, ResultIn<Returned>> {
  const options = parseJobOptions(spec, definition);
  const { name, outputs, spawns, connections = [] } = options;
  const { datasets: inputs, topics } = splitInputs(`job \`${name}\``, options.inputs);
  assertNotItsOwnInput(name, inputs, outputs);
  if (options.schedule?.files !== undefined) assertTakesFiles(name, definition.params);
  const schedule = options.schedule === undefined ? undefined : createSchedule(name, options.schedule);
  return Object.freeze({
    kind: "job" as const,
    name: definition.name,
    description: options.description,
    purpose: options.purpose,
    layer: options.layer,
    config: definition.config ?? z.unknown(),
    // Without a schema `Input` is any object.
    params: definition.params ?? (z.looseObject({}) as z.ZodType<unknown, Input>),
    inputs: Object.freeze(inputs.map(toDatasetName)),
    topicInputs: Object.freeze([...topics]),
    declaredExternal: Object.freeze(listExternal(inputs)),
    outputs: Object.freeze(outputs.map(toDatasetName)),
    spawns: Object.freeze(spawns.map(toJobName)),
    retry: createRetryPolicy(options.retry, `\`retry\` of job \`${name}\``),
    timeoutMs: options.timeout === undefined ? undefined : parseDuration(options.timeout),
    concurrency: options.concurrency,
    pool: options.pool,
    connections: Object.freeze([...connections]),
    priority: options.priority ?? 0,
    isolation: options.isolation ?? "inline",
    needs: Object.freeze(options.needs ?? {}),
    schedule,
    sla: options.sla === undefined ? undefined : createSla(name, options.sla, schedule),
    metrics: createMetricRules(name, options.metrics ?? {}),
    notifications: options.notifications,
    // The template validates config and params with the definition's own schemas before it calls these.
    execute: async (ctx: JobContext) => definition.execute(ctx as JobContext<Config, Params>),
    onSuccess: async (ctx: JobContext, result: JobResult) =>
      definition.onSuccess?.(ctx as JobContext<Config, Params>, result as ResultIn<Returned>),
    onFailure: async (ctx: JobContext, error: MillraceError) =>
      definition.onFailure?.(ctx as JobContext<Config, Params>, error),
    codeText: () => codeFunctions.map((name) => String(Reflect.get(definition, name))),
  });
}

/** The same job, which can tell what its next run would do, and where its rows go. */
export function withPlan<Planned extends Job>(job: Planned, declared: Required<Pick<Job, "plan" | "output">>): Planned {
  return Object.freeze({ ...job, ...declared });
}

/** The same job, whose functions can be called wherever its module is loaded, and where its rows go. */
export function withMapReduce<Reducing extends Job>(
  job: Reducing,
  declared: Required<Pick<Job, "mapReduce" | "output">>,
): Reducing {
  const { map, mapBytes, mapBatch, count, reduce, row } = declared.mapReduce;
  const reductions = typeof reduce === "function" ? [reduce] : [reduce.add, reduce.merge];
  const codeText = (): readonly string[] => [
    ...job.codeText(),
    ...[map, mapBytes, mapBatch, row, ...reductions].map(String),
    ...(count === undefined ? [] : [JSON.stringify(count)]),
  ];
  return Object.freeze({ ...job, ...declared, codeText });
}

/** The same job, whose runs work through topics. */
export function withStream<Streaming extends Job>(job: Streaming, stream: JobStream): Streaming {
  return Object.freeze({ ...job, stream: Object.freeze(stream) });
}

const codeFunctions = ["execute", "onSuccess", "onFailure"] as const;

/** Tells whether a module's export is a job. */
export function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "job" && "execute" in value;
}

/** A run that does not read which files have come would read none of them, or all of them each time. */
function assertTakesFiles(name: string, params: z.ZodType | undefined): void {
  const isTaken = params instanceof z.ZodObject ? "files" in params.shape : params !== undefined;
  if (isTaken) return;
  const declared = params instanceof z.ZodObject ? Object.keys(params.shape).join(", ") : undefined;
  const expected = "a schema with `files`, a list of texts, which a schedule of `files` gives to its runs";
  throw refusal(`job \`${name}\``, ["params"], expected, declared === "" ? undefined : declared);
}

/** A job that waits for itself could never start. */
function assertNotItsOwnInput(
  name: string,
  inputs: readonly DatasetReference[],
  outputs: readonly DatasetReference[],
): void {
  const read = new Set(inputs.map(toDatasetName));
  const both = outputs.map(toDatasetName).find((output) => read.has(output));
  if (both === undefined) return;
  throw new MillraceError(
    "JOB_INVALID",
    `job \`${name}\` depends on itself: it reads and publishes dataset \`${both}\``,
    {
      hint: "mode `merge` or `append` builds on what is there; `ctx.sql(query, [name])` reads the last version without being an input",
    },
  );
}

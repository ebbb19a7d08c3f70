// A job: what a user defines once and the engine runs many times.
import { z } from "zod";
import { type Duration, parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import type { JobContext } from "./job-context.ts";
import { type DatasetReference, listExternal, toDatasetName } from "../dataset/dataset-handle.ts";
import { type JobReference, toJobName } from "./job-reference.ts";
import type { JobResult, ResultIn } from "./outcome.ts";
import { assertName } from "../name.ts";
import { assertKnownOptions, assertTexts } from "../errors/known-options.ts";
import { createSchedule, type Schedule, type ScheduleOptions } from "../schedule/schedule.ts";
import { createRetryPolicy, type RetryPolicy, type RetryPolicyOptions } from "../recovery/retry-policy.ts";
import { suggest } from "../errors/suggest.ts";

/** What a job is for: a label and a set of defaults, never a class. */
export type JobPurpose = (typeof jobPurposes)[number];

export const jobPurposes = [
  "authentication",
  "initiation",
  "status_check",
  "extraction",
  "preparation",
  "egression",
  "validation",
  "ingestion",
  "processing",
  "aggregation",
  "utility",
  "ml",
] as const;

/** Refinement of the data the job makes. */
export type JobLayer = "bronze" | "silver" | "gold";

/** What every constructor of jobs takes. */
export interface JobOptions<Name extends string = string, Config = unknown, Params = unknown, Input = unknown> {
  /** `[a-z][a-z0-9_]*`, unique in the project. */
  readonly name: Name;
  /** One line for lists. */
  readonly description?: string;
  readonly purpose?: JobPurpose;
  readonly layer?: JobLayer;
  /** Schema of what does not change from run to run; its values are under `config.<name>` of millrace.config.ts. */
  readonly config?: z.ZodType<Config>;
  /** What a run is given. Params that are not declared are dropped with a notice. */
  readonly params?: z.ZodType<Params, Input>;
  readonly retry?: RetryPolicyOptions;
  /** The attempt is aborted after this time. Default: none. */
  readonly timeout?: Duration;
  /** Runs of this job that may execute at once, over all workers. Default: as many as there are slots. */
  readonly concurrency?: number;
  /** A pool of `config.pools` that its runs share slots of. */
  readonly pool?: string;
  /** Connections it uses: each may limit how many runs use it, and holds them back while its breaker is open. */
  readonly connections?: readonly string[];
  /** Smaller is started first, from -1000 to 1000. Default 0. */
  readonly priority?: number;
  /**
   * Where `execute` runs: in the worker's own thread, in a thread or in a process of its own. Only the last two can be
   * killed while they compute without a pause. Default `inline`.
   */
  readonly isolation?: JobIsolation;
  /** When it starts by itself. Default: only when it is asked to. */
  readonly schedule?: ScheduleOptions;
}

export type JobIsolation = (typeof jobIsolations)[number];

export const jobIsolations = ["inline", "thread", "process"] as const;

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
  /** Datasets the job reads; a pipeline infers its edges from them, and `ctx.sql` reads them by their names. */
  readonly inputs?: readonly DatasetReference[];
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

/** Of a job without a schema of params, which is given whatever the run is given. */
export type UndeclaredParams = Readonly<Record<string, unknown>>;

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
  readonly schedule: Schedule | undefined;
  execute(ctx: JobContext): Promise<unknown>;
  onSuccess(ctx: JobContext, result: JobResult): Promise<void>;
  onFailure(ctx: JobContext, error: MillraceError): Promise<void>;
  /** The text of what was given as its functions, for telling versions of the code apart. */
  codeText(): readonly string[];
}

/** Names of the options in `JobOptions`. */
export const commonJobOptions = [
  "name",
  "description",
  "purpose",
  "layer",
  "config",
  "params",
  "retry",
  "timeout",
  "concurrency",
  "pool",
  "connections",
  "priority",
  "isolation",
  "schedule",
] as const;

const knownOptions = [...commonJobOptions, "inputs", "outputs", "spawns", "execute", "onSuccess", "onFailure"] as const;

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
  assertDefinition(definition);
  const { inputs = [], outputs = [], spawns = [] } = definition;
  return Object.freeze({
    kind: "job" as const,
    name: definition.name,
    description: definition.description,
    purpose: definition.purpose,
    layer: definition.layer,
    config: definition.config ?? z.unknown(),
    // Without a schema `Input` is any object.
    params: definition.params ?? (z.looseObject({}) as z.ZodType<unknown, Input>),
    inputs: Object.freeze(inputs.map(toDatasetName)),
    declaredExternal: Object.freeze(listExternal(inputs)),
    outputs: Object.freeze(outputs.map(toDatasetName)),
    spawns: Object.freeze(spawns.map(toJobName)),
    retry: createRetryPolicy(definition.retry),
    timeoutMs: definition.timeout === undefined ? undefined : parseDuration(definition.timeout, "timeout"),
    concurrency: definition.concurrency,
    pool: definition.pool,
    connections: Object.freeze([...(definition.connections ?? [])]),
    priority: definition.priority ?? 0,
    isolation: definition.isolation ?? "inline",
    schedule: definition.schedule === undefined ? undefined : createSchedule(definition.name, definition.schedule),
    // The template validates config and params with the definition's own schemas before it calls these.
    execute: async (ctx: JobContext) => definition.execute(ctx as JobContext<Config, Params>),
    onSuccess: async (ctx: JobContext, result: JobResult) =>
      definition.onSuccess?.(ctx as JobContext<Config, Params>, result as ResultIn<Returned>),
    onFailure: async (ctx: JobContext, error: MillraceError) =>
      definition.onFailure?.(ctx as JobContext<Config, Params>, error),
    codeText: () => codeFunctions.map((name) => String(Reflect.get(definition, name))),
  });
}

const codeFunctions = ["execute", "onSuccess", "onFailure"] as const;

/** Whether a module's export is a job. */
export function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "job" && "execute" in value;
}

function assertDefinition(definition: object): void {
  assertKnownOptions("a job", definition, knownOptions);
  const { name, purpose, execute, ...more } = definition as Partial<JobDefinition<string>>;
  assertName("job", name);
  assertLimits(name, more);
  assertReferences(name, more);
  if (purpose !== undefined && !jobPurposes.includes(purpose)) {
    throw new MillraceError(
      "JOB_INVALID",
      `unknown purpose \`${String(purpose)}\` of job \`${name}\`${suggest(String(purpose), jobPurposes)}`,
      {
        hint: `known purposes: ${jobPurposes.join(", ")}`,
      },
    );
  }
  if (typeof execute !== "function") {
    throw new MillraceError(
      "JOB_INVALID",
      `expected \`execute\` of job \`${name}\` to be a function, got: \`${typeof execute}\``,
    );
  }
}

function assertLimits(
  name: string,
  { concurrency, pool, connections, priority, isolation }: Partial<JobDefinition<string>>,
): void {
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new MillraceError(
      "JOB_INVALID",
      `expected \`${option}\` of job \`${name}\` to be ${expected}, got: \`${String(got)}\``,
    );
  };
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    refuse("concurrency", "a positive integer", concurrency);
  }
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= 1_000)) {
    refuse("priority", "an integer from -1000 to 1000", priority);
  }
  if (isolation !== undefined && !jobIsolations.includes(isolation)) {
    refuse("isolation", `one of ${jobIsolations.join(", ")}`, isolation);
  }
  for (const gate of [...(pool === undefined ? [] : [pool]), ...(connections ?? [])]) {
    if (!/^[a-z][a-z0-9_-]{0,99}$/.test(gate))
      refuse("pool and connections", "names of lower case letters, digits, `_` and `-`", gate);
  }
}

/** A job that waits for itself could never start. */
function assertReferences(
  name: string,
  { inputs = [], outputs = [], spawns = [] }: Partial<JobDefinition<string>>,
): void {
  assertTexts(`\`inputs\` of job \`${name}\``, namesOf(inputs, toDatasetName), 0);
  assertTexts(`\`outputs\` of job \`${name}\``, namesOf(outputs, toDatasetName), 0);
  assertTexts(`\`spawns\` of job \`${name}\``, namesOf(spawns, toJobName), 0);
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

/** Anything but a list is returned as it is, to be refused. */
function namesOf<Reference>(references: readonly Reference[], toName: (reference: Reference) => string): unknown {
  return Array.isArray(references) ? references.map((reference) => toName(reference)) : references;
}

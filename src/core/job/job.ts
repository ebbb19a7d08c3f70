// A job: what a user defines once and the engine runs many times.
import { z } from "zod";
import { type Duration, parseDuration } from "../duration.ts";
import { MillraceError } from "../errors/errors.ts";
import type { JobContext } from "./job-context.ts";
import type { JobResult } from "./outcome.ts";
import { assertKnownOptions } from "../errors/known-options.ts";
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
export interface JobOptions<Name extends string = string, Config = unknown, Params = unknown> {
  /** `[a-z][a-z0-9_]*`, unique in the project. */
  readonly name: Name;
  /** One line for lists. */
  readonly description?: string;
  readonly purpose?: JobPurpose;
  readonly layer?: JobLayer;
  /** Static settings, from `config.<name>` of millrace.config.ts. */
  readonly config?: z.ZodType<Config>;
  /** What a run is given. Params that are not declared are dropped with a notice. */
  readonly params?: z.ZodType<Params>;
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

export interface JobDefinition<Name extends string, Config, Params> extends JobOptions<Name, Config, Params> {
  /** Datasets the job reads; a pipeline infers its edges from them. */
  readonly inputs?: readonly string[];
  /** Datasets the job publishes. */
  readonly outputs?: readonly string[];
  execute(ctx: JobContext<Config, Params>): Promise<unknown> | unknown;
  /** After the run FINISHED. A failure here is a warning event. */
  onSuccess?(ctx: JobContext<Config, Params>, result: JobResult): Promise<void> | void;
  /** After each failed attempt. A failure here is a warning event. */
  onFailure?(ctx: JobContext<Config, Params>, error: MillraceError): Promise<void> | void;
}

/** A checked job with its defaults filled in. Config and params are validated before `execute` sees them. */
export interface Job<Name extends string = string> {
  readonly kind: "job";
  readonly name: Name;
  readonly description: string | undefined;
  readonly purpose: JobPurpose | undefined;
  readonly layer: JobLayer | undefined;
  readonly config: z.ZodType;
  readonly params: z.ZodType;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
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

const knownOptions = [...commonJobOptions, "inputs", "outputs", "execute", "onSuccess", "onFailure"] as const;

/**
 * Defines a job. Its file default-exports what this returns.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function defineJob<const Name extends string, Config = unknown, Params = unknown>(
  definition: JobDefinition<Name, Config, Params>,
): Job<Name> {
  assertDefinition(definition);
  return Object.freeze({
    kind: "job" as const,
    name: definition.name,
    description: definition.description,
    purpose: definition.purpose,
    layer: definition.layer,
    config: definition.config ?? z.unknown(),
    params: definition.params ?? z.looseObject({}),
    inputs: Object.freeze([...(definition.inputs ?? [])]),
    outputs: Object.freeze([...(definition.outputs ?? [])]),
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
      definition.onSuccess?.(ctx as JobContext<Config, Params>, result),
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

/** @throws MillraceError `JOB_INVALID` unless `name` is `[a-z][a-z0-9_]*` */
export function assertName(kind: "job" | "pipeline" | "dataset", name: unknown): asserts name is string {
  if (name === reservedName && kind !== "dataset") {
    throw new MillraceError("JOB_INVALID", `expected a ${kind} name that is not taken, got: \`${reservedName}\``, {
      hint: "`jobs/orchestrator/start` of the API starts the engine; choose another name",
    });
  }
  if (typeof name === "string" && /^[a-z][a-z0-9_]{0,99}$/.test(name)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `expected a ${kind} name of lower case letters, digits and \`_\`, got: \`${String(name)}\``,
    {
      hint: "names start with a letter and have at most 100 characters, for example `daily_sales`",
    },
  );
}

/** The engine's own name in the API. */
const reservedName = "orchestrator";

function assertDefinition(definition: object): void {
  assertKnownOptions("a job", definition, knownOptions);
  const { name, purpose, execute, ...limits } = definition as Partial<JobDefinition<string, unknown, unknown>>;
  assertName("job", name);
  assertLimits(name, limits);
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
  { concurrency, pool, connections, priority, isolation }: Partial<JobDefinition<string, unknown, unknown>>,
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

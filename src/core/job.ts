// A job: what a user defines once and the engine runs many times.
import { z } from "zod";
import { type Duration, parseDuration } from "./duration.ts";
import { MillraceError } from "./errors.ts";
import type { JobContext } from "./job-context.ts";
import type { JobResult } from "./outcome.ts";
import { assertKnownOptions } from "./known-options.ts";
import { createRetryPolicy, type RetryPolicy, type RetryPolicyOptions } from "./retry-policy.ts";
import { suggest } from "./suggest.ts";

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
}

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
  execute(ctx: JobContext): Promise<unknown>;
  onSuccess(ctx: JobContext, result: JobResult): Promise<void>;
  onFailure(ctx: JobContext, error: MillraceError): Promise<void>;
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
    // The template validates config and params with the definition's own schemas before it calls these.
    execute: async (ctx: JobContext) => definition.execute(ctx as JobContext<Config, Params>),
    onSuccess: async (ctx: JobContext, result: JobResult) =>
      definition.onSuccess?.(ctx as JobContext<Config, Params>, result),
    onFailure: async (ctx: JobContext, error: MillraceError) =>
      definition.onFailure?.(ctx as JobContext<Config, Params>, error),
  });
}

/** Whether a module's export is a job. */
export function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "job" && "execute" in value;
}

/** @throws MillraceError `JOB_INVALID` unless `name` is `[a-z][a-z0-9_]*` */
export function assertName(kind: "job" | "pipeline" | "dataset", name: unknown): asserts name is string {
  if (typeof name === "string" && /^[a-z][a-z0-9_]{0,99}$/.test(name)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `expected a ${kind} name of lower case letters, digits and \`_\`, got: \`${String(name)}\``,
    {
      hint: "names start with a letter and have at most 100 characters, for example `daily_sales`",
    },
  );
}

function assertDefinition(definition: object): void {
  assertKnownOptions("a job", definition, knownOptions);
  const { name, purpose, execute } = definition as Partial<JobDefinition<string, unknown, unknown>>;
  assertName("job", name);
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

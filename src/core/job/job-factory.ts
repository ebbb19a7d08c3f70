// A job that is made anew for each run out of a JSON configuration, as warehouse schedulers hand one over. The configuration is
// looked at before anything starts, and what is made of it is run by the same template as any other job.
import { z } from "zod";
import { type DatasetReference, datasetReferences } from "../dataset/dataset-handle.ts";
import { MillraceError } from "../errors/errors.ts";
import { callback, schemaOption } from "../spec/option-values.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import type { JobNotifications } from "../notification/notification-rule.ts";
import { defineJob, type GivenArguments, isJob, type Job } from "./job.ts";
import type { JobContext } from "./job-context.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "./job-options.ts";
import { parseArguments } from "./run-job.ts";

/** A factory of jobs of one name. When and how often they run is said here; what they do, by the job that `create` returns. */
export interface JobFactoryDefinition<Name extends string, Config, Dependencies> extends Omit<
  JobOptions<Name>,
  "config" | "params"
> {
  /** Schema of the configuration. */
  readonly config: z.ZodType<Config>;
  /** What `create` is given besides, such as clients and clocks; a test gives its own. Default: an empty object. */
  readonly dependencies?: Dependencies;
  /** Datasets that its jobs read, whatever their configuration. */
  readonly inputs?: readonly DatasetReference[];
  /** Datasets that its jobs publish, whatever their configuration. */
  readonly outputs?: readonly DatasetReference[];
  /** Makes the job of a checked configuration. It has the name of the factory; nothing is opened or sent to make it. */
  readonly create: (this: void, config: Config, dependencies: Dependencies) => Job;
}

/** A job that takes its configuration as the param of its own name, or from `config.<name>` of the project's configuration. */
export interface JobFactory<Name extends string = string, Dependencies = unknown> extends Job<
  Name,
  Readonly<Record<string, unknown>>
> {
  /**
   * The job of one configuration, an object or JSON text.
   * @param dependencies in the place of the factory's own
   * @throws MillraceError `CONFIG_INVALID` naming the key, and what `create` throws
   */
  create(config: unknown, dependencies?: Partial<Dependencies>): Job;
}

type OwnOptions = Pick<
  JobFactoryDefinition<string, unknown, unknown>,
  "config" | "dependencies" | "inputs" | "outputs" | "create"
>;

export const jobFactorySpec: Spec<OwnOptions & Omit<JobOptions, "config" | "params">> = defineSpec<
  OwnOptions,
  Omit<JobOptions, "config" | "params">
>(jobOptionsSpec)(() => ({
  config: schemaOption<z.ZodType>().describe("a zod schema of the configuration, an object or JSON text"),
  dependencies: optional(expecting("an object", z.unknown()), "`{}`").describe(
    "what `create` is given besides, such as clients and clocks; a test gives its own",
  ),
  inputs: datasetReferences().default([]).describe("datasets that its jobs read, whatever their configuration"),
  outputs: datasetReferences().default([]).describe("datasets that its jobs publish, whatever their configuration"),
  create: callback<OwnOptions["create"]>().describe(
    "makes the job of a checked configuration and the dependencies; it has the name of the factory, and nothing is opened or sent to make it",
  ),
}));

/**
 * Defines a factory of jobs. Its file default-exports what this returns, and `millrace exec` gives the configuration as
 * `--<name> '{…}'`. A configuration that is wrong starts no run.
 * @throws MillraceError `JOB_INVALID` when the definition is wrong
 */
export function defineJobFactory<const Name extends string, Config, Dependencies = object>(
  definition: JobFactoryDefinition<Name, Config, Dependencies>,
): JobFactory<Name, Dependencies> {
  const { name } = parseJobOptions(jobFactorySpec, definition);
  const { config: _config, dependencies: _dependencies, create: _create, ...common } = definition;
  const create = (config: unknown, dependencies?: Partial<Dependencies>): Made =>
    make(definition, config, dependencies);
  const enter = (ctx: JobContext): Entered => enterJob(name, ctx, create);
  const job = defineJob({
    ...common,
    config: checking(name, create),
    params: z.record(z.string(), z.unknown()).superRefine((params, issues) => {
      if (params[name] !== undefined) report(issues, [name], () => create(params[name]));
    }),
    execute(ctx) {
      const { job: made, inner, dropped } = enter(ctx);
      for (const param of dropped) ctx.log.info(`job \`${name}\` declares no param \`${param}\`, which is left out`);
      return made.execute(inner);
    },
    onSuccess: async (ctx, result) => {
      const { job: made, inner } = enter(ctx);
      await made.onSuccess(inner, result);
    },
    onFailure: async (ctx, error) => {
      const { job: made, inner } = enter(ctx);
      await made.onFailure(inner, error);
    },
  });
  return Object.freeze({
    ...job,
    codeText: () => [String(definition.create)],
    notificationsOf: (given: GivenArguments) => notificationsOf(name, given, create),
    create: (config: unknown, dependencies?: Partial<Dependencies>) => create(config, dependencies).job,
  });
}

interface Made {
  readonly job: Job;
  readonly config: unknown;
}

interface Entered {
  readonly job: Job;
  /** The context of the run, with the configuration and the params that the job declares. */
  readonly inner: JobContext;
  /** Params that it does not declare. */
  readonly dropped: readonly string[];
}

function make<Name extends string, Config, Dependencies>(
  definition: JobFactoryDefinition<Name, Config, Dependencies>,
  given: unknown,
  dependencies: Partial<Dependencies> | undefined,
): Made {
  const { name } = definition;
  const where = `factory \`${name}\``;
  const spec = { schema: definition.config, shape: {} };
  const config = parseOptions(spec, readConfiguration(given, where), where, "CONFIG_INVALID");
  // without dependencies of its own a factory asks for none
  const all = { ...definition.dependencies, ...dependencies } as Dependencies;
  const job: unknown = definition.create(config, all);
  if (isJob(job) && job.name === name) return { job, config };
  const got = isJob(job) ? job.name : typeof job;
  throw new MillraceError(
    "JOB_INVALID",
    `expected \`create\` of ${where} to return a job \`${name}\`, got: \`${got}\``,
    {
      hint: "a run is found again by the name of its job; return `loadJob({ name, … })` or `defineJob({ name, … })`",
    },
  );
}

/** What could not be read is not told: it may hold secrets. */
function readConfiguration(given: unknown, where: string): unknown {
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new MillraceError("CONFIG_INVALID", `expected the configuration of ${where} to be an object or JSON text`, {
      hint: "a shell takes quotes away; put the whole JSON in single quotes, or into a file for `--config_uri`",
    });
  }
}

/** A schema that takes what a job can be made of, and nothing at all. */
function checking(name: string, create: (config: unknown) => Made): z.ZodType {
  return z.unknown().superRefine((config, issues) => {
    if (config !== undefined) report(issues, [], () => create(config));
  });
}

function report(issues: z.core.$RefinementCtx, path: readonly PropertyKey[], work: () => Made): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const inside = error.details?.["option"];
    const option = Array.isArray(inside) ? (inside as PropertyKey[]) : [];
    issues.addIssue({ code: "custom", path: [...path, ...option], message: error.message });
  }
}

/** Those of the job that the run has. A configuration that is wrong has been refused, so that nobody is told by it. */
function notificationsOf(
  name: string,
  { config, params }: GivenArguments,
  create: (config: unknown) => Made,
): JobNotifications | undefined {
  const { [name]: given = config } = params as Readonly<Record<string, unknown>>;
  try {
    return given === undefined ? undefined : create(given).job.notifications;
  } catch {
    return undefined;
  }
}

function enterJob(name: string, ctx: JobContext, create: (config: unknown) => Made): Entered {
  const { [name]: given = ctx.config, ...others } = ctx.params as Readonly<Record<string, unknown>>;
  if (given === undefined) throw unconfigured(name);
  const { job, config } = create(given);
  const dropped: string[] = [];
  const checked = parseArguments(job, config, others, (param) => dropped.push(param));
  return { job, inner: withArguments(ctx, checked), dropped };
}

function unconfigured(name: string): MillraceError {
  return new MillraceError("CONFIG_INVALID", `job \`${name}\` has no configuration`, {
    hint: `give it as \`--${name} '{…}'\`, or set \`config.${name}\` of millrace.config.ts`,
    details: { option: ["config", name] },
  });
}

/** The context itself knows what has been opened for the run, so that it is asked and not copied. */
function withArguments(ctx: JobContext, own: Pick<JobContext, "config" | "params">): JobContext {
  const get = (_: JobContext, key: string | symbol): unknown =>
    key === "config" || key === "params" ? own[key] : Reflect.get(ctx, key, ctx);
  return new Proxy({} as JobContext, { get });
}

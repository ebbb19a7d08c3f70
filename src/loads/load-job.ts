// The warehouse's job: rows are extracted, transformed and loaded into up to three places, each of which a configuration swaps.
// All reading, checking and writing is that of integration jobs, of which this makes one for each publication.
import { z } from "zod";
import type { Check } from "../core/dataset/check.ts";
import type { ConvertStep } from "../core/dataset/convert-step.ts";
import { type DatasetReference, toDatasetName } from "../core/dataset/dataset-handle.ts";
import type {
  DatasetOutput,
  DatasetTargets,
  HistoryOptions,
  OutputOptions,
  SchemaContract,
  SchemaRules,
  SnapshotOptions,
  WindowOptions,
  WriteMode,
} from "../core/dataset/dataset.ts";
import type { EmptyPolicy } from "../core/dataset/source.ts";
import { defineJob, type Job, type UndeclaredParams, withPlan } from "../core/job/job.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "../core/job/job-options.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { expecting, optional } from "../core/spec/option-notes.ts";
import { choice } from "../core/spec/option-values.ts";
import { refusal } from "../core/spec/parse-options.ts";
import { defineSpec, extendSpec, type Spec } from "../core/spec/spec.ts";
import { integrationJob } from "../data/jobs/integration-job.ts";
import type { PublishedResult } from "../data/jobs/publish-as-result.ts";
import { listNamedTargets } from "../data/targets/target-registry.ts";
import { findExtractor, findLoader } from "./find-strategy.ts";
import { type LoadConfiguration, loadConfigurationSpec, loaderKeys } from "./load-configuration.ts";
import { type Loader, type PlannedLoad, planLoads } from "./plan-loads.ts";
import { type LoadResult, type LoadStep, runLoads } from "./run-loads.ts";
import type { LoadStrategies } from "./strategy.ts";
import { notificationEvents } from "../core/notification/notification-event.ts";
import type { JobNotifications } from "../core/notification/notification-rule.ts";
import { toNotifications } from "./to-notifications.ts";

/** The dataset, and how rows get in: only in modes in which a run that is repeated changes nothing. */
export interface LoadOutput extends WindowOptions, SnapshotOptions, HistoryOptions {
  /** Default: the name of the job. */
  readonly dataset?: DatasetReference;
  /** Default `replace`. */
  readonly mode?: Exclude<WriteMode, "append">;
  readonly key?: readonly string[];
  /** Default `evolve`. */
  readonly schema?: SchemaContract | SchemaRules;
}

/** One step or several: a text is a `select` over the rows before, `source`; a function gets each row. */
export type LoadTransform = string | ConvertStep | readonly (string | ConvertStep)[];

/** The seven keys of a configuration, and what no configuration changes. */
export interface LoadJobDefinition<Name extends string = string, Params = unknown, Input = unknown>
  extends Omit<JobOptions<Name, unknown, Params, Input>, "config">, LoadConfiguration {
  readonly transform?: LoadTransform;
  readonly checks?: readonly Check[];
  /** Default: all rows are replaced, in datasets with the name of the job. */
  readonly output?: LoadOutput;
  /** What to do when not a single row came. Default `fail`. */
  readonly onEmpty?: EmptyPolicy;
  /** Strategies beside those that are built in. */
  readonly strategies?: LoadStrategies;
}

type OwnOptions = Pick<LoadJobDefinition, "transform" | "checks" | "output" | "onEmpty" | "strategies">;

export const loadJobSpec: Spec<OwnOptions & LoadConfiguration & JobOptions> = defineSpec<
  OwnOptions,
  LoadConfiguration & JobOptions
>(extendSpec(loadConfigurationSpec, jobOptionsSpec))(() => ({
  transform: optional(
    expecting("a `select`, a step of `convert`, a function or a list of these", z.custom<LoadTransform>(isTransform)),
  ).describe(
    "what becomes of the rows: `select`s over `source`, [steps of `convert`](convert.md), or a function that gets each row",
  ),
  checks: expecting("a list of checks", z.custom<readonly Check[]>(Array.isArray))
    .default([])
    .describe("rules that the rows must keep before anything is loaded"),
  output: optional(expecting("an object", z.custom<LoadOutput>(isObject)), '`{ mode: "replace" }`').describe(
    "`dataset`, whose default is the name of the job, and how rows get in: `mode`, `key` and the others of an output; where they go is said by the loaders",
  ),
  onEmpty: choice(["fail", "warn", "ok"]).default("fail").describe("what it means when not a single row came"),
  strategies: optional(expecting("an object", z.custom<LoadStrategies>(isObject))).describe(
    "`extractors` and `loaders` beside those that are built in",
  ),
}));

/**
 * Defines a job that loads the rows of one extractor into up to three places, in the order unity, stage, redshift. A run that
 * failed goes on with the first place that lacks its rows, and one that is repeated changes nothing.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` naming the key that is wrong
 */
export function loadJob<const Name extends string, Params = UndeclaredParams, Input = UndeclaredParams>(
  definition: LoadJobDefinition<Name, Params, Input>,
): Job<Name, Input, LoadResult> {
  const { name } = parseJobOptions(loadJobSpec, definition);
  const where = `job \`${name}\``;
  const notifications = addNotifications(definition.notifications, toNotifications(where, definition));
  const loads = planLoads(listLoaders(where, definition), toOutput(where, definition));
  if (loads.length === 0) throw refusal(where, [loaderKeys[0]], "a loader, where all others load nothing", "NOOP");
  const steps = loads.map((load) => ({ load, job: toIntegration(where, definition, load) }));
  const jobs = steps.map(({ job }) => job);
  const { params, purpose = "ingestion", connections = [], ...common } = toJobOptions(definition);
  const job = defineJob({
    ...common,
    name: definition.name,
    purpose,
    ...(notifications === undefined ? {} : { notifications }),
    // without a schema of its own a job takes what the generic entry gives to all
    params: params ?? (usualParams as unknown as z.ZodType<Params, Input>),
    connections: [...new Set([...connections, ...jobs.flatMap((one) => one.connections)])],
    inputs: [...new Set(jobs.flatMap(({ inputs }) => inputs))],
    outputs: jobs.flatMap(({ outputs }) => outputs),
    execute: (ctx) => runLoads(ctx, steps),
  });
  return withFirstPlan(job, steps);
}

/** What the keys of the configuration say comes to what the job says itself. */
function addNotifications(own: JobNotifications = {}, keys: JobNotifications): JobNotifications | undefined {
  const all = notificationEvents.flatMap((event) => {
    const channels = [...(own[event] ?? []), ...(keys[event] ?? [])];
    return channels.length === 0 ? [] : [[event, channels] as const];
  });
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** What the generic entry gives to each job of a warehouse. */
const usualParams = z.object({
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  created_by: z.string().optional(),
});

function listLoaders(where: string, definition: LoadJobDefinition): readonly Loader[] {
  const { strategies: own = {} } = definition;
  return loaderKeys.flatMap((key) => {
    const config = definition[key];
    if (config === undefined) return [];
    const { strategy, options } = findLoader({ where, key, config, own });
    const toTargets = (dataset: string): DatasetTargets | undefined =>
      strategy.toTarget(options, { where, path: [key], dataset });
    // what it says does not depend on the name
    if (toTargets(definition.name) === undefined) return [];
    return [{ key, toTargets: (dataset) => toTargets(dataset) ?? {} }];
  });
}

function toOutput(where: string, { name, output = {} }: LoadJobDefinition): DatasetOutput {
  const { dataset = name, ...rule } = output;
  const mode: string = rule.mode ?? "replace";
  if (mode === "append") {
    const expected = "one in which a run that is repeated changes nothing";
    throw refusal(where, ["output", "mode"], expected, mode, {
      hint: "`merge` with a `key`, or `delete_insert` with `by`, adds the rows of a window once",
    });
  }
  const [target] = listNamedTargets(output);
  if (target === undefined) return { ...rule, dataset: toDatasetName(dataset) };
  throw refusal(where, ["output", target.format.name], "left out: loaders say where rows go", target.options);
}

function toIntegration(
  where: string,
  definition: LoadJobDefinition,
  { output }: PlannedLoad,
): Job<string, unknown, PublishedResult> {
  const {
    name,
    extractor_config: config,
    transform = [],
    checks = [],
    onEmpty,
    strategies: own = {},
    retry,
  } = definition;
  const key = "extractor_config";
  const { strategy, options } = findExtractor({ where, key, config, own });
  return integrationJob({
    name,
    source: strategy.toSource(options, { where, path: [key], dataset: output.dataset }),
    convert: [transform].flat().map((step) => (typeof step === "string" ? { sql: step } : step)),
    checks,
    // what rule goes with which option is looked at there
    output: output as OutputOptions,
    ...(onEmpty === undefined ? {} : { onEmpty }),
    ...(retry === undefined ? {} : { retry }),
  });
}

function toJobOptions<Name extends string, Params, Input>(
  definition: LoadJobDefinition<Name, Params, Input>,
): Omit<JobOptions<Name, unknown, Params, Input>, "config"> {
  const own = new Set(Object.keys(loadJobSpec.shape).filter((option) => !(option in jobOptionsSpec.shape)));
  const entries = Object.entries(definition).filter(([option]) => !own.has(option));
  return Object.fromEntries(entries) as unknown as Omit<JobOptions<Name, unknown, Params, Input>, "config">;
}

/** The plan of the first publication; the others are of the same rows. */
function withFirstPlan<Planned extends Job>(job: Planned, steps: readonly LoadStep[]): Planned {
  const [first, ...others] = steps;
  if (first?.job.output === undefined) return job;
  const { output } = first.job;
  const notes = others.map(({ load }) => `then the same rows are published to ${load.output.dataset}`);
  return withPlan(job, {
    output,
    plan: async (ctx) => {
      const planned = await first.job.plan?.(ctx);
      if (planned === undefined) throw new MillraceError("INTERNAL", `job \`${job.name}\` cannot be planned`);
      return { ...planned, notes: [...planned.notes, ...notes] };
    },
  });
}

function isTransform(value: unknown): boolean {
  const isStep = (step: unknown): boolean =>
    typeof step === "string" || typeof step === "function" || (isObject(step) && !Array.isArray(step));
  return Array.isArray(value) ? value.every(isStep) : isStep(value);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

// A job of map and reduce that needs no functions: what it counts and adds up by which columns is declared, and becomes one query.
import { z } from "zod";
import { quoteIdentifier } from "../../compute/engine.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { defineJob, type Job, type UndeclaredParams, withPlan } from "../../core/job/job.ts";
import { splitInputs } from "../../core/job/job-inputs.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";
import { expecting } from "../../core/spec/option-notes.ts";
import { text, texts } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { addNames, listOutputDatasets } from "../dataset-output.ts";
import { assertCountRules, recordCounts } from "./count-figures.ts";
import { type DataJobOptions, dataJobSpec, parseDataJob } from "./data-job-options.ts";
import { jobInputsOf, mapInput } from "../mapreduce/map-input.ts";
import { planWhole } from "./plan-data-job.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";
import { toPublication } from "./to-publication.ts";

/** Of the rows of a key: how many there are, or one figure over a column. */
export type Aggregate =
  | "count"
  | { readonly sum: string }
  | { readonly min: string }
  | { readonly max: string }
  | { readonly avg: string };

/** `purpose` is `processing` by default. */
export interface AggregateJobDefinition<
  Name extends string = string,
  Config = unknown,
  Params = unknown,
  Input = unknown,
>
  extends JobOptions<Name, Config, Params, Input>, DataJobOptions {
  /** Files of a format that has columns, by their extension, a dataset, or a topic. */
  readonly input: MapInput;
  /** Columns whose values make a key. */
  readonly by: readonly string[];
  /** Columns of the output besides, by their names. */
  readonly aggregates: Readonly<Record<string, Aggregate>>;
}

type OwnOptions = Pick<AggregateJobDefinition, "input" | "by" | "aggregates">;

export const aggregateJobSpec: Spec<OwnOptions & DataJobOptions & JobOptions> = defineSpec<
  OwnOptions,
  DataJobOptions & JobOptions
>(dataJobSpec)(() => ({
  input: mapInput().describe(
    "`files` of a format that has columns, by their extension, a `dataset`, or a `topic`, of which those records are read that are kept when the run starts",
  ),
  by: texts("columns").describe("columns whose values make a key"),
  aggregates: expecting(
    "`count`, or one of `sum`, `min`, `max` and `avg` of a column, by names",
    aggregatesSchema(),
  ).describe(
    'columns of the output besides: name → `"count"`, `{ sum: column }`, `{ min: column }`, `{ max: column }` or `{ avg: column }`',
  ),
}));

/**
 * Defines a job that publishes a row for each key with its aggregates; the engine computes them with one query.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function aggregateJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
>(definition: AggregateJobDefinition<Name, Config, Params, Input>): Job<Name, Input, PublishedResult> {
  parseDataJob(aggregateJobSpec, definition);
  const where = `job \`${definition.name}\``;
  const { input, by, aggregates, checks: _checks, output, ...common } = definition;
  assertCountRules(where, common.metrics);
  const { checks, output: named, references } = toPublication(where, definition);
  const { datasets, topics } = splitInputs(where, jobInputsOf(input));
  const inputs = addNames(datasets, references);
  const [from = "source"] = [...datasets.map(toDatasetName), ...topics.map(({ name }) => name)];
  const source = "files" in input ? { source: { file: { path: input.files } } } : {};
  const request = {
    ...source,
    sql: toAggregateSql(from, by, aggregates),
    inputs: [...inputs, ...topics.map(({ name }) => name)],
    output,
    checks,
  };
  const job = defineJob({
    purpose: "processing",
    ...common,
    inputs: [...inputs, ...topics],
    outputs: listOutputDatasets(named, checks),
    execute: async (ctx) => recordCounts(ctx, common.metrics, await publishAsResult(ctx, request)),
  });
  return withPlan(job, { output: named, plan: (ctx) => planWhole(ctx, request) });
}

/** The one query, whose rows are in the order of their keys. */
function toAggregateSql(from: string, by: readonly string[], aggregates: OwnOptions["aggregates"]): string {
  const keys = by.map(quoteIdentifier).join(", ");
  const figures = Object.entries(aggregates).map(([as, aggregate]) => `${toSql(aggregate)} AS ${quoteIdentifier(as)}`);
  return `SELECT ${[keys, ...figures].join(", ")} FROM ${quoteIdentifier(from)} GROUP BY ${keys} ORDER BY ${keys}`;
}

function toSql(aggregate: Aggregate): string {
  if (aggregate === "count") return "count(*)";
  const [[called, column] = ["", ""]] = Object.entries<string>(aggregate);
  return `${called}(${quoteIdentifier(column)})`;
}

function aggregatesSchema(): z.ZodType<OwnOptions["aggregates"], OwnOptions["aggregates"]> {
  const column = text("a column");
  const one = z.union([
    z.literal("count"),
    z.strictObject({ sum: column }),
    z.strictObject({ min: column }),
    z.strictObject({ max: column }),
    z.strictObject({ avg: column }),
  ]);
  return z.record(text("the name of a column"), one);
}

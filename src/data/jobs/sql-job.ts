// A job that is one `select`: its inputs name datasets, so that a pipeline can infer the order.
import { defineJob, type Job, type UndeclaredParams, withPlan } from "../../core/job/job.ts";
import { type JobInput, jobInputs, splitInputs } from "../../core/job/job-inputs.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { addNames, listOutputDatasets } from "../dataset-output.ts";
import { assertCountRules, recordCounts } from "./count-figures.ts";
import { type DataJobOptions, dataJobSpec, parseDataJob } from "./data-job-options.ts";
import { planWhole } from "./plan-data-job.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";
import { toPublication } from "./to-publication.ts";

/** `purpose` is `processing` by default. */
export interface SqlJobDefinition<Name extends string = string, Config = unknown, Params = unknown, Input = unknown>
  extends JobOptions<Name, Config, Params, Input>, DataJobOptions {
  /** The datasets and topics that `sql` reads, each under its name; of a topic the records that are kept when the run starts. */
  readonly inputs: readonly JobInput[];
  /** Exactly one `select`; it may start with `with`. Checked by the engine when the job runs. */
  readonly sql: string;
}

type OwnOptions = Pick<SqlJobDefinition, "inputs" | "sql">;

export const sqlJobSpec: Spec<OwnOptions & DataJobOptions & JobOptions> = defineSpec<
  OwnOptions,
  DataJobOptions & JobOptions
>(dataJobSpec)(() => ({
  inputs: jobInputs().describe("the datasets and topics that `sql` reads, each under its name"),
  sql: text("a `select`").describe("exactly one `select`; it may start with `with`"),
}));

/**
 * Defines a job that publishes the rows of one query over other datasets.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function sqlJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
>(definition: SqlJobDefinition<Name, Config, Params, Input>): Job<Name, Input, PublishedResult> {
  parseDataJob(sqlJobSpec, definition);
  const where = `job \`${definition.name}\``;
  const { sql, checks: _checks, output, ...common } = definition;
  assertCountRules(where, common.metrics);
  const { checks, output: named, references } = toPublication(where, definition);
  const { datasets, topics } = splitInputs(where, definition.inputs);
  const inputs = addNames(datasets, references);
  const request = { sql, inputs: [...inputs, ...topics.map(({ name }) => name)], output, checks };
  const job = defineJob({
    purpose: "processing",
    ...common,
    inputs: [...inputs, ...topics],
    outputs: listOutputDatasets(named, checks),
    execute: async (ctx) => recordCounts(ctx, common.metrics, await publishAsResult(ctx, request)),
  });
  return withPlan(job, { output: named, plan: (ctx) => planWhole(ctx, request) });
}

// A job that is one `select`: its inputs name datasets, so that a pipeline can infer the order.
import {
  type ComputeChoice,
  type ComputeEngine,
  computeEngines,
  type SqlDialect,
  sqlDialects,
} from "../../core/compute/compute-choice.ts";
import { defineJob, type Job, type UndeclaredParams, withPlan } from "../../core/job/job.ts";
import { type JobInput, jobInputs, splitInputs } from "../../core/job/job-inputs.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { choice, text } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { assertPortable } from "../../compute/portable-sql/assert-portable.ts";
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
  /** What `sql` is written in; it is never translated. Default: that of `engine`, which is `duckdb` where nothing is said. */
  readonly dialect?: SqlDialect;
  /** What runs `sql`. Default: for `portable` that of the project, else the one whose dialect it is. */
  readonly engine?: ComputeEngine;
}

type OwnOptions = Pick<SqlJobDefinition, "inputs" | "sql" | "dialect" | "engine">;

export const sqlJobSpec: Spec<OwnOptions & DataJobOptions & JobOptions> = defineSpec<
  OwnOptions,
  DataJobOptions & JobOptions
>(dataJobSpec)(() => ({
  inputs: jobInputs().describe("the datasets and topics that `sql` reads, each under its name"),
  sql: text("a `select`").describe("exactly one `select`; it may start with `with`"),
  dialect: optional(choice(sqlDialects), "that of `engine`").describe(
    "what `sql` is written in, which is never translated; `portable` means the same to both engines",
  ),
  engine: optional(
    choice(computeEngines),
    "that of the project for `portable`, else the one of the dialect; `duckdb` where neither is said",
  ).describe("what runs `sql`"),
}));

/**
 * Defines a job that publishes the rows of one query over other datasets.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong, `SQL_INVALID` for SQL that is
 *   said to be portable and is not
 */
export function sqlJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
>(definition: SqlJobDefinition<Name, Config, Params, Input>): Job<Name, Input, PublishedResult> {
  parseDataJob(sqlJobSpec, definition);
  const where = `job \`${definition.name}\``;
  const { sql, dialect: _dialect, engine: _engine, checks: _checks, output, ...common } = definition;
  const compute = chooseCompute(where, definition);
  if (definition.dialect === "portable") assertPortable(sql, { where: `\`sql\` of ${where}`, option: ["sql"] });
  assertCountRules(where, common.metrics);
  const { checks, output: named, references } = toPublication(where, definition);
  const { datasets, topics } = splitInputs(where, definition.inputs);
  const inputs = addNames(datasets, references);
  const request = { sql, inputs: [...inputs, ...topics.map(({ name }) => name)], output, checks, ...compute };
  const job = defineJob({
    purpose: "processing",
    ...common,
    inputs: [...inputs, ...topics],
    outputs: listOutputDatasets(named, checks),
    execute: async (ctx) => recordCounts(ctx, common.metrics, await publishAsResult(ctx, request)),
  });
  return withPlan(job, { output: named, plan: (ctx) => planWhole(ctx, request) });
}

/** Nothing where the job says neither: DuckDB and its dialect. @throws MillraceError `JOB_INVALID` for an engine without that dialect */
function chooseCompute(
  where: string,
  { dialect, engine }: Pick<SqlJobDefinition, "dialect" | "engine">,
): { readonly compute?: ComputeChoice } {
  const spoken = dialect ?? engine;
  if (spoken === undefined) return {};
  if (engine === undefined) return { compute: { dialect: spoken } };
  if (spoken === "portable" || spoken === engine) return { compute: { engine, dialect: spoken } };
  throw refusal(where, ["engine"], `\`${spoken}\`, or left out, for SQL in the dialect \`${spoken}\``, engine, {
    hint: "SQL is never translated; what is written in the dialect `portable` runs on both engines",
  });
}

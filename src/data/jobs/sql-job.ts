// A job that is one `select`: its inputs name datasets, so that a pipeline can infer the order.
import type { Check } from "../../core/dataset/check.ts";
import { type DatasetReference, toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { OutputOptions } from "../../core/dataset/dataset.ts";
import { commonJobOptions, defineJob, type Job, type JobOptions, type UndeclaredParams } from "../../core/job/job.ts";
import { assertName } from "../../core/name.ts";
import { listReferences, nameChecks } from "../checks/check-definition.ts";
import { addNames, assertDatasetOutput, listOutputDatasets } from "../dataset-output.ts";
import { assertKnownOptions, assertTexts } from "../../core/errors/known-options.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";

/** `purpose` is `processing` by default. */
export interface SqlJobDefinition<
  Name extends string = string,
  Config = unknown,
  Params = unknown,
  Input = unknown,
> extends JobOptions<Name, Config, Params, Input> {
  /** The datasets that `sql` reads, each under its name. */
  readonly inputs: readonly DatasetReference[];
  /** Exactly one `select`; it may start with `with`. Checked by the engine when the job runs. */
  readonly sql: string;
  readonly checks?: readonly Check[];
  readonly output: OutputOptions;
}

const knownOptions = [...commonJobOptions, "inputs", "sql", "checks", "output"] as const;

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
  assertDefinition(definition);
  const { sql, checks = [], output, ...common } = definition;
  const { dataset } = toDatasetOutput(output);
  const references = listReferences(checks).filter((name) => name !== dataset);
  const inputs = addNames(definition.inputs, references);
  return defineJob({
    purpose: "processing",
    ...common,
    inputs,
    outputs: listOutputDatasets(dataset, checks),
    execute: (ctx) => publishAsResult(ctx, { sql, inputs, output, checks }),
  });
}

function assertDefinition(definition: SqlJobDefinition): void {
  assertKnownOptions("a SQL job", definition, knownOptions);
  const { name, inputs, sql, checks = [], output } = definition;
  assertName("job", name);
  const names = Array.isArray(inputs) ? inputs.map((input: DatasetReference) => toDatasetName(input)) : inputs;
  assertTexts(`\`inputs\` of job \`${name}\``, names, 0);
  for (const input of names) assertName("dataset", input);
  assertTexts(`\`sql\` of job \`${name}\``, [sql]);
  assertDatasetOutput(`output of job \`${name}\``, toDatasetOutput(output));
  nameChecks(checks);
}

// A job that is one `select`: its inputs name datasets, so that a pipeline can infer the order.
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertName, commonJobOptions, defineJob, type Job, type JobOptions } from "../../core/job/job.ts";
import { listReferences, nameChecks } from "../checks/check-definition.ts";
import { assertDatasetOutput, listOutputDatasets } from "../dataset-output.ts";
import { assertKnownOptions, assertTexts } from "../../core/errors/known-options.ts";
import { publishAsResult } from "./publish-as-result.ts";

/** `purpose` is `processing` by default. */
export interface SqlJobDefinition<Name extends string = string> extends JobOptions<Name> {
  /** The datasets that `sql` reads, each under its name. */
  readonly inputs: readonly string[];
  /** Exactly one `select`; it may start with `with`. Checked by the engine when the job runs. */
  readonly sql: string;
  readonly checks?: readonly Check[];
  readonly output: DatasetOutput;
}

const knownOptions = [...commonJobOptions, "inputs", "sql", "checks", "output"] as const;

/**
 * Defines a job that publishes the rows of one query over other datasets.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function sqlJob<const Name extends string>(definition: SqlJobDefinition<Name>): Job<Name> {
  assertDefinition(definition);
  const { inputs, sql, checks = [], output, ...common } = definition;
  const references = listReferences(checks).filter((name) => name !== output.dataset && !inputs.includes(name));
  return defineJob({
    purpose: "processing",
    ...common,
    inputs: [...inputs, ...references],
    outputs: listOutputDatasets(output, checks),
    execute: (ctx) => publishAsResult(ctx, { sql, inputs: [...inputs, ...references], output, checks }),
  });
}

function assertDefinition(definition: SqlJobDefinition): void {
  assertKnownOptions("a SQL job", definition, knownOptions);
  const { name, inputs, sql, checks = [], output } = definition;
  assertName("job", name);
  assertTexts(`\`inputs\` of job \`${name}\``, inputs, 0);
  for (const input of inputs) assertName("dataset", input);
  assertTexts(`\`sql\` of job \`${name}\``, [sql]);
  assertDatasetOutput(`output of job \`${name}\``, output);
  if (inputs.includes(output.dataset)) {
    throw new MillraceError("JOB_INVALID", `job \`${name}\` reads what it writes, got: \`${output.dataset}\``, {
      hint: "use mode `merge` or `append` to build on what is there",
    });
  }
  nameChecks(checks);
}

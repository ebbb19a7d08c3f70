// Defines the options that all declarative jobs share: checks and an output.
import { z } from "zod";
import type { Check } from "../../core/dataset/check.ts";
import { datasetHandle } from "../../core/dataset/dataset-handle.ts";
import type { OutputOptions } from "../../core/dataset/dataset.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "../../core/job/job-options.ts";
import { expecting } from "../../core/spec/option-notes.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { checkSpec, nameChecks } from "../checks/check-definition.ts";
import { assertDatasetOutput, assertPartitions, assertSealable, outputSpec } from "../dataset-output.ts";
import { toDatasetOutput } from "../publish/named-request.ts";

/** Options of jobs that publish one dataset. */
export interface DataJobOptions {
  readonly checks?: readonly Check[];
  readonly output: OutputOptions;
}

export const dataJobSpec: Spec<DataJobOptions & JobOptions> = defineSpec<DataJobOptions, JobOptions>(jobOptionsSpec)(
  () => ({
    checks: expecting("a list of checks", z.array(checkSpec.schema).readonly())
      .default([])
      .describe("rules that the rows must keep before anything is published"),
    output: expecting(
      "an object with `dataset`, or what `dataset` returns",
      z.union([outputSpec.schema, datasetHandle()]),
    ).describe("the dataset that the rows go to; its handle alone takes the defaults"),
  }),
);

/**
 * The options of such a job.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED`
 */
export function parseDataJob<Filled extends DataJobOptions & JobOptions>(
  spec: Spec<unknown, Filled>,
  definition: DataJobOptions & JobOptions,
): Filled {
  assertPartitions(`job \`${definition.name}\``, definition.output);
  const options = parseJobOptions(spec, definition);
  const where = `job \`${options.name}\``;
  const output = toDatasetOutput(options.output);
  assertDatasetOutput(where, ["output"], output);
  nameChecks(options.checks ?? [], where);
  if (options.purpose === "authentication" || output.sealed === true)
    assertSealable(where, output, options.checks ?? []);
  return options;
}

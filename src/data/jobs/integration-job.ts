// The declarative job: rows of a source, converted by SQL, checked, published as a dataset.
import { z } from "zod";
import type { EmptyPolicy, Source } from "../../core/dataset/source.ts";
import { defineJob, type Job, type UndeclaredParams } from "../../core/job/job.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import { expecting } from "../../core/spec/option-notes.ts";
import { choice, text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { listReferences } from "../checks/check-definition.ts";
import { addNames, listOutputDatasets } from "../dataset-output.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { assertSource, sourceSpec } from "../sources/source-options.ts";
import { describeKinds, listSourceInputs } from "../sources/source-registry.ts";
import { type DataJobOptions, dataJobSpec, parseDataJob } from "./data-job-options.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";

/** `purpose` is `ingestion` by default. */
export interface IntegrationJobDefinition<
  Name extends string = string,
  Config = unknown,
  Params = unknown,
  Input = unknown,
>
  extends JobOptions<Name, Config, Params, Input>, DataJobOptions {
  /** Where the rows come from. */
  readonly source: Source;
  /** Each step is one `select` over the rows of the step before, which it reads under the name `source`. */
  readonly convert?: readonly { readonly sql: string }[];
  /** What to do when the source has no row. Default `fail`. */
  readonly onEmpty?: EmptyPolicy;
}

type OwnOptions = Pick<IntegrationJobDefinition, "source" | "convert" | "onEmpty">;

export const integrationJobSpec: Spec<OwnOptions & DataJobOptions & JobOptions> = defineSpec<
  OwnOptions,
  DataJobOptions & JobOptions
>(dataJobSpec)(() => ({
  source: expecting(`an object with ${describeKinds()}`, sourceSpec.schema).describe("where the rows come from"),
  convert: expecting("a list of steps, `{ sql }`", z.array(z.strictObject({ sql: text("a `select`") })).readonly())
    .default([])
    .describe("each step is one `select` over the rows of the step before, which it reads under the name `source`"),
  onEmpty: choice(["fail", "warn", "ok"]).default("fail").describe("what it means when the source has no row"),
}));

/**
 * Defines a job that moves rows from a source to a dataset. Rows are staged and audited before the dataset changes.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function integrationJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
>(definition: IntegrationJobDefinition<Name, Config, Params, Input>): Job<Name, Input, PublishedResult> {
  const { name } = parseDataJob(integrationJobSpec, definition);
  assertSource(`job \`${name}\``, ["source"], definition.source);
  const { source, convert = [], checks = [], onEmpty = "fail", output, ...common } = definition;
  const { dataset } = toDatasetOutput(output);
  const references = listReferences(checks).filter((name) => name !== dataset);
  return defineJob({
    purpose: "ingestion",
    ...common,
    inputs: addNames(listSourceInputs(source), references),
    outputs: listOutputDatasets(dataset, checks),
    execute: (ctx) =>
      publishAsResult(ctx, {
        source,
        ...(convert.length === 0 ? {} : { sql: convert.map((step) => step.sql) }),
        inputs: references,
        output,
        checks,
        onEmpty,
      }),
  });
}

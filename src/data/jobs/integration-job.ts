// The declarative job: rows of a source, converted by SQL, checked, published as a dataset.
import type { Check } from "../../core/dataset/check.ts";
import type { OutputOptions } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { commonJobOptions, defineJob, type Job, type JobOptions, type UndeclaredParams } from "../../core/job/job.ts";
import { assertName } from "../../core/name.ts";
import type { EmptyPolicy, Source } from "../../core/dataset/source.ts";
import { listReferences, nameChecks } from "../checks/check-definition.ts";
import { addNames, assertDatasetOutput, listOutputDatasets } from "../dataset-output.ts";
import { assertKnownOptions } from "../../core/errors/known-options.ts";
import { toDatasetOutput, toNamedSource } from "../publish/named-request.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";
import { assertFileSource } from "../sources/file-source.ts";

/** `purpose` is `ingestion` by default. */
export interface IntegrationJobDefinition<
  Name extends string = string,
  Config = unknown,
  Params = unknown,
  Input = unknown,
> extends JobOptions<Name, Config, Params, Input> {
  /** Where the rows come from. */
  readonly source: Source;
  /** Each step is one `select` over the rows of the step before, which it reads under the name `source`. */
  readonly convert?: readonly { readonly sql: string }[];
  readonly checks?: readonly Check[];
  /** What to do when the source has no row. Default `fail`. */
  readonly onEmpty?: EmptyPolicy;
  readonly output: OutputOptions;
}

const knownOptions = [...commonJobOptions, "source", "convert", "checks", "onEmpty", "output"] as const;

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
  assertDefinition(definition);
  const { source, convert = [], checks = [], onEmpty = "fail", output, ...common } = definition;
  const { dataset } = toDatasetOutput(output);
  const references = listReferences(checks).filter((name) => name !== dataset);
  return defineJob({
    purpose: "ingestion",
    ...common,
    inputs: source.dataset === undefined ? references : addNames([source.dataset], references),
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

function assertDefinition(definition: IntegrationJobDefinition): void {
  assertKnownOptions("an integration job", definition, knownOptions);
  const { name, source, convert = [], checks = [], onEmpty = "fail", output } = definition;
  assertName("job", name);
  assertSource(name, source);
  assertDatasetOutput(`output of job \`${name}\``, toDatasetOutput(output));
  nameChecks(checks);
  if (!Array.isArray(convert)) {
    throw new MillraceError("JOB_INVALID", `expected \`convert\` of job \`${name}\` to be a list of steps`);
  }
  for (const step of convert) assertKnownOptions(`a convert step of job \`${name}\``, step, ["sql"]);
  if (onEmpty === "fail" || onEmpty === "warn" || onEmpty === "ok") return;
  throw new MillraceError("JOB_INVALID", `expected \`onEmpty\` to be fail, warn or ok, got: \`${String(onEmpty)}\``);
}

function assertSource(job: string, source: Source): void {
  const where = `source of job \`${job}\``;
  assertKnownOptions(where, source, ["file", "dataset", "version"]);
  if ((source.file === undefined) === (source.dataset === undefined)) {
    throw new MillraceError("JOB_INVALID", `expected ${where} to be either \`file\` or \`dataset\``);
  }
  if (source.file === undefined) return assertDatasetSource(where, toNamedSource(source));
  if ("version" in source) throw new MillraceError("JOB_INVALID", `a file has no \`version\`, got one in ${where}`);
  assertFileSource(where, source.file);
}

function assertDatasetSource(where: string, { dataset, version }: Source<string>): void {
  assertName("dataset", dataset);
  if (version === undefined || (Number.isInteger(version) && version >= 1)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `expected \`version\` of ${where} to be a positive integer, got: \`${version}\``,
  );
}

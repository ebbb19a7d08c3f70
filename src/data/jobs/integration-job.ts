// The declarative job: rows of a source, converted by SQL, checked, published as a dataset.
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertName, commonJobOptions, defineJob, type Job, type JobOptions } from "../../core/job/job.ts";
import type { DatasetSource, EmptyPolicy, Source } from "../../core/dataset/source.ts";
import { listReferences, nameChecks } from "../checks/check-definition.ts";
import { assertDatasetOutput, listOutputDatasets } from "../dataset-output.ts";
import { assertKnownOptions } from "../../core/errors/known-options.ts";
import { publishAsResult } from "./publish-as-result.ts";
import { assertFileSource } from "../sources/file-source.ts";

/** `purpose` is `ingestion` by default. */
export interface IntegrationJobDefinition<Name extends string = string> extends JobOptions<Name> {
  /** Where the rows come from. */
  readonly source: Source;
  /** Each step is one `select` over the rows of the step before, which it reads under the name `source`. */
  readonly convert?: readonly { readonly sql: string }[];
  readonly checks?: readonly Check[];
  /** What to do when the source has no row. Default `fail`. */
  readonly onEmpty?: EmptyPolicy;
  readonly target: DatasetOutput;
}

const knownOptions = [...commonJobOptions, "source", "convert", "checks", "onEmpty", "target"] as const;

/**
 * Defines a job that moves rows from a source to a dataset. Rows are staged and audited before the target changes.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function integrationJob<const Name extends string>(definition: IntegrationJobDefinition<Name>): Job<Name> {
  assertDefinition(definition);
  const { source, convert = [], checks = [], onEmpty = "fail", target, ...common } = definition;
  const references = listReferences(checks).filter((name) => name !== target.dataset);
  const inputs = "dataset" in source ? [source.dataset, ...references] : references;
  return defineJob({
    purpose: "ingestion",
    ...common,
    inputs: [...new Set(inputs)],
    outputs: listOutputDatasets(target, checks),
    execute: (ctx) =>
      publishAsResult(ctx, {
        source,
        ...(convert.length === 0 ? {} : { sql: convert.map((step) => step.sql) }),
        inputs: references,
        output: target,
        checks,
        onEmpty,
      }),
  });
}

function assertDefinition(definition: IntegrationJobDefinition): void {
  assertKnownOptions("an integration job", definition, knownOptions);
  const { name, source, convert = [], checks = [], onEmpty = "fail", target } = definition;
  assertName("job", name);
  assertSource(name, source);
  assertDatasetOutput(`target of job \`${name}\``, target);
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
  if ("file" in source === "dataset" in source) {
    throw new MillraceError("JOB_INVALID", `expected ${where} to be either \`file\` or \`dataset\``);
  }
  if ("dataset" in source) return assertDatasetSource(where, source);
  if ("version" in source) throw new MillraceError("JOB_INVALID", `a file has no \`version\`, got one in ${where}`);
  assertFileSource(where, source.file);
}

function assertDatasetSource(where: string, { dataset, version }: DatasetSource): void {
  assertName("dataset", dataset);
  if (version === undefined || (Number.isInteger(version) && version >= 1)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `expected \`version\` of ${where} to be a positive integer, got: \`${version}\``,
  );
}

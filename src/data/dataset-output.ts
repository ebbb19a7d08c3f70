// The output of a job as its author declares it: refused at definition when no target could ever do it.
import type { Check } from "../core/dataset/check.ts";
import type { DatasetOutput, WriteMode } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { assertName } from "../core/job/job.ts";
import { suggest } from "../core/errors/suggest.ts";
import { assertKnownOptions, assertTexts } from "../core/errors/known-options.ts";
import { listNamedTargets, type NamedTarget, nameFormatsThat, targetFormats } from "./targets/target-registry.ts";

/** What queries and checks call the rows of the job itself, so that no dataset can have these names. */
export const reservedNames: readonly string[] = ["source", "rows"];

/** The dataset that holds the rows which `quarantine` checks of `dataset` set aside. */
export function quarantineDataset(dataset: string): string {
  return `${dataset}_quarantine`;
}

/** Names of the datasets that a job with this output and these checks publishes. */
export function listOutputDatasets(output: DatasetOutput, checks: readonly Check[]): string[] {
  const quarantines = checks.some((check) => check.severity === "quarantine");
  return quarantines ? [output.dataset, quarantineDataset(output.dataset)] : [output.dataset];
}

/**
 * Checks names, options and the combination of mode and targets.
 * @param where names the option, e.g. ``target of job `flights` ``
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED`
 */
export function assertDatasetOutput(where: string, output: DatasetOutput): void {
  assertKnownOptions(where, output, ["dataset", "mode", "key", "schema", ...formatNames]);
  assertName("dataset", output.dataset);
  assertReadable(output.dataset);
  assertOneOf("mode", output.mode ?? "replace", modes);
  assertOneOf("schema", output.schema ?? "evolve", ["evolve", "freeze", "replace"]);
  if (output.key !== undefined) assertTexts("`key`", output.key);
  for (const target of listNamedTargets(output)) assertTarget(where, target, output);
  assertCombination(output);
}

const formatNames = targetFormats.map(({ name }) => name);
const modes: readonly WriteMode[] = ["append", "replace", "merge"];

function assertTarget(of: string, { format, options }: NamedTarget, { dataset, mode }: DatasetOutput): void {
  const where = `\`${format.name}\` of ${of}`;
  if (typeof options === "object" && options !== null && "partitionBy" in options && !format.abilities.partitions) {
    throw new MillraceError("TARGET_UNSUPPORTED", `${where} cannot be partitioned, got: \`partitionBy\``, {
      hint: `targets that can: ${nameFormatsThat("partitions")}`,
    });
  }
  format.assertOptions(where, options, dataset);
  if (mode === "merge" && !format.abilities.merges) {
    throw new MillraceError("TARGET_UNSUPPORTED", `a ${format.name} target cannot update rows, got: mode \`merge\``, {
      hint: `use a ${nameFormatsThat("merges")} target for \`merge\``,
    });
  }
}

/** A dataset that no query could name is of no use to anybody. */
function assertReadable(dataset: string): void {
  if (!reservedNames.includes(dataset)) return;
  throw new MillraceError("JOB_INVALID", `a dataset cannot have the name of a job's own rows, got: \`${dataset}\``, {
    hint: `queries call the rows of the job \`${reservedNames.join("` or `")}\`; choose another name`,
  });
}

function assertCombination({ dataset, mode = "replace", key, schema }: DatasetOutput): void {
  if (schema === "replace" && mode !== "replace") {
    throw new MillraceError(
      "JOB_INVALID",
      `\`schema: "replace"\` of dataset \`${dataset}\` needs mode \`replace\`, got: \`${mode}\``,
      { hint: "rows that stay keep their columns; `millrace run --full-refresh` makes the table anew once" },
    );
  }
  if (mode === "merge" && key === undefined) {
    throw new MillraceError("JOB_INVALID", `mode \`merge\` of dataset \`${dataset}\` needs a \`key\``, {
      hint: 'name the columns that identify a row: `key: ["id"]`',
    });
  }
}

function assertOneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new MillraceError("JOB_INVALID", `unknown ${option} \`${value}\`${suggest(value, known)}`, {
    hint: `known: ${known.join(", ")}`,
  });
}

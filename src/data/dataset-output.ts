// The output of a job as its author declares it: refused at definition when no target could ever do it.
import type { Check } from "../core/dataset/check.ts";
import type { DatasetOutput, WriteMode } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { assertName } from "../core/name.ts";
import { type DatasetReference, toDatasetName } from "../core/dataset/dataset-handle.ts";
import { suggest } from "../core/errors/suggest.ts";
import { assertKnownOptions, assertTexts } from "../core/errors/known-options.ts";

/** What queries and checks call the rows of the job itself, so that no dataset can have these names. */
export const reservedNames: readonly string[] = ["source", "rows"];

/** The dataset that holds the rows which `quarantine` checks of `dataset` set aside. */
export function quarantineDataset(dataset: string): string {
  return `${dataset}_quarantine`;
}

/** Names of the datasets that a job publishes when it publishes `dataset` with these checks. */
export function listOutputDatasets(dataset: string, checks: readonly Check[]): string[] {
  const quarantines = checks.some((check) => check.severity === "quarantine");
  return quarantines ? [dataset, quarantineDataset(dataset)] : [dataset];
}

/** Inputs with the names that are not among them yet. */
export function addNames(inputs: readonly DatasetReference[], names: readonly string[]): DatasetReference[] {
  const known = new Set(inputs.map(toDatasetName));
  return [...inputs, ...names.filter((name) => !known.has(name))];
}

/**
 * Checks names, options and the combination of mode and targets.
 * @param where names the option, e.g. ``output of job `flights` ``
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED`
 */
export function assertDatasetOutput(where: string, output: DatasetOutput): void {
  assertKnownOptions(where, output, ["dataset", "mode", "key", "schema", ...formats]);
  assertName("dataset", output.dataset);
  assertReadable(output.dataset);
  assertOneOf("mode", output.mode ?? "replace", modes);
  assertOneOf("schema", output.schema ?? "evolve", ["evolve", "freeze", "replace"]);
  if (output.key !== undefined) assertTexts("`key`", output.key);
  for (const format of formats) {
    if (output[format] !== undefined) assertTarget(`\`${format}\` of ${where}`, format, output[format]);
  }
  for (const format of ["sqlite", "duckdb"] as const) {
    if (output[format] !== undefined) assertTable(format, output[format].table ?? output.dataset);
  }
  assertCombination(output);
}

const formats = ["delta", "parquet", "sqlite", "duckdb"] as const;
const modes: readonly WriteMode[] = ["append", "replace", "merge"];
const targetOptions: Readonly<Record<(typeof formats)[number], readonly string[]>> = {
  delta: ["path", "partitionBy"],
  parquet: ["path"],
  sqlite: ["path", "table"],
  duckdb: ["path", "table"],
};

function assertTarget(
  where: string,
  format: (typeof formats)[number],
  target: Readonly<Record<string, unknown>>,
): void {
  if ("partitionBy" in target && format !== "delta") {
    throw new MillraceError("TARGET_UNSUPPORTED", `${where} cannot be partitioned, got: \`partitionBy\``, {
      hint: "a `delta` target can: `delta: { partitionBy: [...] }`",
    });
  }
  assertKnownOptions(where, target, targetOptions[format]);
  const needsPath = format !== "delta";
  if (needsPath || target["path"] !== undefined) assertTexts(`\`path\` of ${where}`, [target["path"]]);
  if (target["table"] !== undefined) assertTexts(`\`table\` of ${where}`, [target["table"]]);
  if (target["partitionBy"] !== undefined) assertTexts(`\`partitionBy\` of ${where}`, target["partitionBy"], 0);
}

/** A dataset that no query could name is of no use to anybody. */
function assertReadable(dataset: string): void {
  if (!reservedNames.includes(dataset)) return;
  throw new MillraceError("JOB_INVALID", `a dataset cannot have the name of a job's own rows, got: \`${dataset}\``, {
    hint: `queries call the rows of the job \`${reservedNames.join("` or `")}\`; choose another name`,
  });
}

/** Names that the database or our own bookkeeping in it has taken. Neither engine tells upper and lower case apart. */
function assertTable(format: "sqlite" | "duckdb", table: string): void {
  const reserved = format === "sqlite" ? ["_millrace", "sqlite_"] : ["_millrace"];
  const prefix = reserved.find((start) => table.toLowerCase().startsWith(start));
  if (prefix === undefined) return;
  throw new MillraceError(
    "JOB_INVALID",
    `names of ${format} tables that start with \`${prefix}\` are taken, got: \`${table}\``,
    {
      hint: `name another \`table\` in the \`${format}\` target`,
    },
  );
}

function assertCombination({ dataset, mode = "replace", key, parquet, schema }: DatasetOutput): void {
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
  if (mode === "merge" && parquet !== undefined) {
    throw new MillraceError("TARGET_UNSUPPORTED", `a parquet target cannot update rows, got: mode \`merge\``, {
      hint: "use a `delta`, `sqlite` or `duckdb` target for `merge`",
    });
  }
}

function assertOneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new MillraceError("JOB_INVALID", `unknown ${option} \`${value}\`${suggest(value, known)}`, {
    hint: `known: ${known.join(", ")}`,
  });
}

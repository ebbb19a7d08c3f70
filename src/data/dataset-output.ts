// The output of a job as its author declares it: refused at definition when no target could ever do it.
import type { Check } from "../core/dataset/check.ts";
import {
  type Dataset,
  datasetReference,
  type DatasetReference,
  toDatasetName,
} from "../core/dataset/dataset-handle.ts";
import type { DatasetOutput, OutputOptions } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { optional } from "../core/spec/option-notes.ts";
import { choice, texts } from "../core/spec/option-values.ts";
import { type OptionPath, parseOptions, refusal } from "../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../core/spec/spec.ts";
import { deltaSpec } from "./targets/delta/options.ts";
import { duckdbSpec } from "./targets/duckdb/options.ts";
import { parquetSpec } from "./targets/parquet/options.ts";
import { sqliteSpec } from "./targets/sqlite/options.ts";

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

type NamedOutput = Exclude<OutputOptions, Dataset>;

export const outputSpec: Spec<NamedOutput> = defineSpec<NamedOutput>()(() => ({
  dataset: datasetReference().describe("the dataset"),
  mode: choice(["append", "replace", "merge"])
    .default("replace")
    .describe(
      "`append` adds rows, `replace` swaps the whole table, `merge` updates rows by `key` and inserts the rest",
    ),
  key: optional(texts("columns")).describe("columns that identify a row; needed by the mode `merge`"),
  schema: choice(["evolve", "freeze", "replace"])
    .default("evolve")
    .describe(
      "`evolve` adds new columns as nullable, `freeze` refuses any difference, `replace` gives the table the columns and types of the rows and needs the mode `replace`",
    ),
  delta: optional(deltaSpec.schema, "`{}` when no other target is named").describe("a Delta Lake table"),
  parquet: optional(parquetSpec.schema).describe("Parquet files"),
  sqlite: optional(sqliteSpec.schema).describe("a table in an SQLite file"),
  duckdb: optional(duckdbSpec.schema).describe("a table in a DuckDB file"),
}));

/**
 * What no option can tell by itself: names that are taken, and combinations that no target can do.
 * @param path to the output, below `where`
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED`
 */
export function assertDatasetOutput(where: string, path: OptionPath, output: DatasetOutput): void {
  assertReadable(output.dataset);
  for (const format of ["sqlite", "duckdb"] as const) {
    if (output[format] !== undefined) assertTable(format, output[format].table ?? output.dataset);
  }
  assertCombination(where, path, output);
}

/** An output that a run gives. @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` */
export function assertGivenOutput(where: string, output: DatasetOutput): void {
  assertPartitions(where, output);
  parseOptions(outputSpec, output, where);
  assertDatasetOutput(where, [], output);
}

/** Partitions of a target that has none get a better answer than an unknown option. @param output not yet checked */
export function assertPartitions(where: string, output: unknown): void {
  for (const format of ["parquet", "sqlite", "duckdb"]) {
    const target = isObject(output) ? output[format] : undefined;
    if (!isObject(target) || !("partitionBy" in target)) continue;
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `\`${format}\` of ${where} cannot be partitioned, got: \`partitionBy\``,
      {
        hint: "a `delta` target can: `delta: { partitionBy: [...] }`",
      },
    );
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
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

function assertCombination(
  where: string,
  path: OptionPath,
  { mode = "replace", key, parquet, schema }: DatasetOutput,
): void {
  if (schema === "replace" && mode !== "replace") {
    throw refusal(where, [...path, "mode"], '`replace` with `schema: "replace"`', mode, {
      hint: "rows that stay keep their columns; `millrace run --full-refresh` makes the table anew once",
    });
  }
  if (mode === "merge" && key === undefined) {
    throw refusal(where, [...path, "key"], "the columns that identify a row, for mode `merge`", key, {
      hint: 'for example `key: ["id"]`',
    });
  }
  if (mode === "merge" && parquet !== undefined) {
    throw new MillraceError("TARGET_UNSUPPORTED", "a parquet target cannot update rows, got: mode `merge`", {
      hint: "use a `delta`, `sqlite` or `duckdb` target for `merge`",
      details: { option: [...path, "mode"] },
    });
  }
}

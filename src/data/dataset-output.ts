// The output of a job as its author declares it: refused at definition when no target could ever do it.
import { z } from "zod";
import type { Check } from "../core/dataset/check.ts";
import {
  type Dataset,
  datasetReference,
  type DatasetReference,
  toDatasetName,
} from "../core/dataset/dataset-handle.ts";
import type { DatasetOutput, DatasetTargets, OutputOptions, SchemaRules } from "../core/dataset/dataset.ts";
import { freshnessOption } from "../core/dataset/freshness.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { expecting, optional } from "../core/spec/option-notes.ts";
import { choice, text, texts } from "../core/spec/option-values.ts";
import { type OptionPath, parseOptions, refusal } from "../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../core/spec/spec.ts";
import { assertModeOptions } from "./modes/mode-options.ts";
import { changesRows } from "./modes/row-rule.ts";
import { discardsRows } from "./schema-contract.ts";
import { targetsSpec } from "./targets/target-options.ts";
import { listNamedTargets, nameFormatsThat } from "./targets/target-registry.ts";

/** What queries and checks call the rows of the job itself, so that no dataset can have these names. */
export const reservedNames: readonly string[] = ["source", "rows"];

/** The dataset that holds the rows which `quarantine` checks of `dataset` set aside. */
export function quarantineDataset(dataset: string): string {
  return `${dataset}_quarantine`;
}

/**
 * Names of the datasets that a job publishes when it publishes an output with these checks.
 * @param setsAside whether rows may be set aside before they are checked
 */
export function listOutputDatasets(
  { dataset, schema }: DatasetOutput,
  checks: readonly Check[],
  setsAside = false,
): string[] {
  const quarantines = setsAside || discardsRows(schema) || checks.some((check) => check.severity === "quarantine");
  return quarantines ? [dataset, quarantineDataset(dataset)] : [dataset];
}

/** Inputs with the names that are not among them yet. */
export function addNames(inputs: readonly DatasetReference[], names: readonly string[]): DatasetReference[] {
  const known = new Set(inputs.map(toDatasetName));
  return [...inputs, ...names.filter((name) => !known.has(name))];
}

type NamedOutput = Exclude<OutputOptions, Dataset>;

type OwnOptions = Without<NamedOutput, keyof DatasetTargets>;

type Without<Form, Name extends PropertyKey> = Form extends unknown ? Omit<Form, Name> : never;

export const outputSpec: Spec<OwnOptions & DatasetTargets> = defineSpec<OwnOptions, DatasetTargets>(targetsSpec)(
  () => ({
    dataset: datasetReference().describe("the dataset"),
    mode: choice(["append", "replace", "merge", "insert_only", "delete_insert", "snapshot", "scd2"])
      .default("replace")
      .describe(
        "`append` adds rows, `replace` swaps the whole table, `merge` updates rows by `key` and inserts the rest, `insert_only` inserts rows with a new `key`, `delete_insert` replaces the rows of a window, `snapshot` keeps all rows of each moment, `scd2` keeps the versions of each row",
      ),
    key: optional(texts("columns")).describe(
      "columns that identify a row; needed by the modes `merge`, `insert_only` and `scd2`",
    ),
    by: optional(text("a column")).describe(
      "mode `delete_insert`: column with the time that says which window a row belongs to; a run without a window replaces the rows whose values of this column it has",
    ),
    moment: optional(text("a column"), "`snapshot_at`").describe(
      "mode `snapshot`: column with the moment of the rows, the end of the run's window or the day of the run",
    ),
    validFrom: optional(text("a column"), "`valid_from`").describe(
      "mode `scd2`: column with the moment from which on a version holds",
    ),
    validTo: optional(text("a column"), "`valid_to`").describe(
      "mode `scd2`: column with the moment at which a version ceased to hold; NULL for the one that holds now",
    ),
    ignore: optional(texts("columns")).describe("mode `scd2`: columns whose values alone make no new version"),
    absent: optional(choice(["keep", "close"]), "`keep`").describe(
      "mode `scd2`: what becomes of keys that the rows lack; `close` ends their versions, for rows that are always the whole",
    ),
    schema: expecting(
      "one of `evolve`, `freeze`, `replace`, or an object with `tables`, `columns` and `types`",
      z.union([choice(["evolve", "freeze", "replace"]), schemaRules()]),
    )
      .default("evolve")
      .describe(
        "`evolve` adds new columns as nullable, `freeze` refuses any difference, `replace` gives the table the columns and types of the rows and needs the mode `replace`; or `{ tables, columns, types }`, each `evolve`, `freeze`, `discard_row` or `discard_value` (`tables`: one of the first two)",
      ),
    sealed: optional(z.boolean(), "true for the purpose `authentication`").describe(
      "whether the rows are credentials: they are encrypted, and only `inputs` with the role `authentication` read them",
    ),
    freshness: optional(freshnessOption(), "however old").describe(
      "how old it may be before it is stale: by its newest version, or with `{ within, of }` by the newest time in the column `of`",
    ),
  }),
);

function schemaRules(): z.ZodType<SchemaRules, SchemaRules> {
  const rules = ["evolve", "freeze", "discard_row", "discard_value"] as const;
  const schema = z.strictObject({
    tables: choice(["evolve", "freeze"]).optional(),
    columns: choice(rules).optional(),
    types: choice(rules).optional(),
  });
  // an option that is `undefined` was left out
  return schema as unknown as z.ZodType<SchemaRules, SchemaRules>;
}

/**
 * What no option can tell by itself: names that are taken, and combinations that no target can do.
 * @param path to the output, below `where`
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED`
 */
export function assertDatasetOutput(where: string, path: OptionPath, output: DatasetOutput): void {
  assertReadable(output.dataset);
  for (const { format, options } of listNamedTargets(output)) {
    format.assertOptions?.(where, [...path, format.name], options, output.dataset);
  }
  assertCombination(where, path, output);
}

/**
 * What a dataset of credentials cannot have.
 * @throws MillraceError `JOB_INVALID` for what would show rows, or keep those of before
 */
export function assertSealable(where: string, output: DatasetOutput, checks: readonly Check[]): void {
  const [named] = listNamedTargets(output);
  if (named !== undefined) {
    throw refusal(
      where,
      ["output", named.format.name],
      "left out for a sealed dataset, which is a file of its own",
      {},
    );
  }
  const { mode = "replace" } = output;
  if (mode !== "replace") throw refusal(where, ["output", "mode"], "`replace` for a sealed dataset", mode);
  const aside = checks.findIndex(({ severity }) => severity === "quarantine");
  if (aside < 0) return;
  throw refusal(where, ["checks", aside, "severity"], "`block` or `warn` for a sealed dataset", "quarantine", {
    hint: "rows that are set aside lie open, so that people can look at them",
  });
}

/** An output that a run gives. @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` */
export function assertGivenOutput(where: string, output: DatasetOutput): void {
  assertPartitions(where, output);
  parseOptions(outputSpec, output, where);
  assertDatasetOutput(where, [], output);
}

/** Partitions of a target that has none get a better answer than an unknown option. @param output not yet checked */
export function assertPartitions(where: string, output: unknown): void {
  if (typeof output !== "object" || output === null) return;
  for (const { format, options } of listNamedTargets(output)) {
    if (format.abilities.partitions || typeof options !== "object" || !("partitionBy" in (options ?? {}))) continue;
    const message = `\`${format.name}\` of ${where} cannot be partitioned, got: \`partitionBy\``;
    throw new MillraceError("TARGET_UNSUPPORTED", message, {
      hint: `use a ${nameFormatsThat("partitions")} target for \`partitionBy\``,
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

function assertCombination(where: string, path: OptionPath, output: DatasetOutput): void {
  const { mode = "replace", schema } = output;
  if (schema === "replace" && mode !== "replace") {
    throw refusal(where, [...path, "mode"], '`replace` with `schema: "replace"`', mode, {
      hint: "rows that stay keep their columns; `millrace run --full-refresh` makes the table anew once",
    });
  }
  assertModeOptions(where, path, output);
  const ability = mode === "scd2" ? "keepsHistory" : "merges";
  const unable = listNamedTargets(output).find(({ format }) => !format.abilities[ability])?.format;
  if (changesRows(mode) && unable !== undefined) {
    const lacking = unable.abilities.merges ? "keep versions of rows" : "change rows one by one";
    throw new MillraceError("TARGET_UNSUPPORTED", `a ${unable.name} target cannot ${lacking}, got: mode \`${mode}\``, {
      hint: `use a ${nameFormatsThat(ability)} target for \`${mode}\`, or the mode \`replace\` or \`append\``,
      details: { option: [...path, "mode"] },
    });
  }
}

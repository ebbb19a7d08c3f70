// What a job says of the datasets that its source takes values from, by the role of each.
import { z } from "zod";
import type { Duration } from "../../core/duration.ts";
import { type DatasetReference, datasetReference } from "../../core/dataset/dataset-handle.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text, texts } from "../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { payloadVariables } from "../payload/payload-batches.ts";

/** A dataset, or some values, that give values to variables, or that a check compares with. */
export interface InputOptions {
  readonly dataset?: DatasetReference;
  /** In the place of a dataset, for an activation: texts and numbers are `{{name.value}}`, the fields of objects have their names. */
  readonly values?: readonly (string | number | Readonly<Record<string, string | number | boolean | null>>)[];
  /**
   * `authentication`: exactly one row, whose values are in no message. `activation`: one unit for each row. `payload`: one request
   * for each batch of rows. `validation`: what a `compare` check compares with.
   */
  readonly role: "authentication" | "activation" | "payload" | "validation";
  /** Default: all. */
  readonly fields?: readonly string[];
  /** Identifies a row of an activation; rows with the same key are one unit. Needed there, unless `values` are texts and numbers. */
  readonly key?: string;
  /** Only rows of an activation that have changed since their units were read: by a field, or by all of the row. */
  readonly changedOnly?: boolean | ChangedOnly;
  /** Most rows of a payload in one request. Default 500. */
  readonly batch?: number;
  /** Columns of a payload that all rows of a request have the same values in. */
  readonly by?: readonly string[];
  /** Columns that order the rows of a payload, within those of `by`. Default: all columns in their order. */
  readonly order?: readonly string[];
}

/** Which rows of an activation have changed. */
export interface ChangedOnly {
  /** Only a change of this column counts. */
  readonly field: string;
  /**
   * For changes that do not show in the field, which is then an instant: a row is read by each run until that long after it, and once
   * in that time from then on. Default: only when the field has changed.
   */
  readonly quietAfter?: Duration;
}

/** An input with its name. */
export type NamedInput = readonly [name: string, input: InputOptions];

/** Inputs by the name of their variables. */
export type Inputs = Readonly<Record<string, InputOptions>>;

export const inputSpec: Spec<InputOptions> = defineSpec<InputOptions>()(() => ({
  dataset: optional(datasetReference()).describe("a published dataset; needed unless there are `values`"),
  values: optional(valuesSchema()).describe(
    "in the place of a dataset, for an activation: texts and numbers are `{{name.value}}`, the fields of objects have their names",
  ),
  role: choice(["authentication", "activation", "payload", "validation"]).describe(
    "`authentication`: exactly one row, whose values are in no message; `activation`: one unit for each row; `payload`: one request for each batch of rows; `validation`: what a `compare` check compares with",
  ),
  fields: optional(texts("names of columns"), "all").describe("columns whose values are wanted"),
  key: optional(text()).describe(
    "the column that identifies a row of an activation, needed there unless `values` are texts and numbers; rows with the same key are one unit",
  ),
  changedOnly: optional(
    expecting(
      "true, false, or an object with `field` and perhaps `quietAfter`",
      z.union([
        z.boolean(),
        z.strictObject({ field: text(), quietAfter: duration("a duration of more than 0", (ms) => ms > 0).optional() }),
      ]),
    ),
    "all rows",
  ).describe(
    "only rows of an activation that have changed since their units were read: any column of the row, or its `field`; with `quietAfter` also those whose `field` is an instant younger than that, and all others once in that time",
  ),
  batch: optional(integer(1, 100_000), "500").describe("most rows of a payload in one request"),
  by: optional(texts("names of columns")).describe(
    "columns of a payload that all rows of a request have the same values in",
  ),
  order: optional(texts("names of columns"), "all columns in their order").describe(
    "columns that order the rows of a payload, within those of `by`",
  ),
}));

function valuesSchema(): z.ZodType<NonNullable<InputOptions["values"]>, NonNullable<InputOptions["values"]>> {
  const scalar = z.union([z.string().min(1), z.number()]);
  const row = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
  return expecting(
    "a list of one or more texts, numbers or objects",
    z
      .array(z.union([scalar, row]))
      .min(1)
      .readonly(),
  );
}

/** The inputs of a role. */
export function inputsOf(inputs: Inputs, role: InputOptions["role"]): readonly NamedInput[] {
  return Object.entries(inputs).filter(([, input]) => input.role === role);
}

/** What the options of one input cannot tell. @throws MillraceError `JOB_INVALID` */
export function assertInputs(where: string, inputs: Inputs): void {
  for (const [name, input] of Object.entries(inputs)) assertInput(where, ["inputs", name], input);
  const [first, second] = inputsOf(inputs, "activation");
  if (second !== undefined)
    throw refusal(where, ["inputs", second[0], "role"], "`authentication` beside another activation", "activation");
  const [payload, another] = inputsOf(inputs, "payload");
  if (another !== undefined)
    throw refusal(where, ["inputs", another[0], "role"], "another one beside a payload", "payload");
  if (payload !== undefined && first !== undefined) {
    throw refusal(where, ["inputs", first[0], "role"], "`authentication` beside a payload", "activation", {
      hint: "the rows of a request have the same values in the columns that `by` of the payload names",
    });
  }
}

function assertInput(where: string, path: OptionPath, input: InputOptions): void {
  const { role, dataset, values, key, by = [] } = input;
  if ((dataset === undefined) === (values === undefined)) {
    throw refusal(where, path, "an object with either `dataset` or `values`", dataset === undefined ? {} : "both");
  }
  const isScalar = values?.every((value) => typeof value !== "object") ?? false;
  if (role === "activation" && key === undefined && !isScalar)
    throw refusal(where, [...path, "key"], "the column that identifies a row", undefined);
  for (const [option, owner] of ownOptions) {
    if (role !== owner && input[option] !== undefined)
      throw refusal(where, [...path, option], `left out for ${role}`, input[option]);
  }
  const taken = by.find((name) => payloadVariables.some((variable) => variable === name));
  if (taken !== undefined) {
    throw refusal(where, [...path, "by"], "columns whose names are no variables of a batch", taken, {
      hint: `a batch has the variables ${payloadVariables.join(", ")} itself; give the column another name in the dataset`,
    });
  }
}

/** Options that only one role has. */
const ownOptions = [
  ["values", "activation"],
  ["key", "activation"],
  ["changedOnly", "activation"],
  ["batch", "payload"],
  ["by", "payload"],
  ["order", "payload"],
] as const;

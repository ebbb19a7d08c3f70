// Puts rows into lists of a size: the batches of a service that takes many at once. Rows of two keys are never in one list.
import { z } from "zod";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { integer, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { ColumnOrigin } from "../lineage.ts";
import type { StepInput, StepKind } from "../convert-step.ts";
import { findColumn, findColumns, findPath } from "../find-column.ts";
import { packFields } from "../pack-fields.ts";
import { arrival, inArrival } from "./dedupe.ts";

export interface BatchOptions {
  /** Rows in a list, at most. */
  readonly size: number;
  /** Name of the column with the list. */
  readonly as: string;
  /** Columns that all rows of a list have in common. */
  readonly by?: readonly string[];
  /** Columns of an item; one name alone makes lists of its values. Default: all but `by`. */
  readonly fields?: readonly string[] | string;
  /** Order of the rows. Default: the order in which they came. */
  readonly orderBy?: readonly string[];
  /** Name of a column for the number of the batch among those of its key, from 1. */
  readonly ordinal?: string;
}

export interface BatchStep {
  readonly batch: BatchOptions;
}

export const batch: StepKind<BatchStep> = {
  name: "batch",
  summary: "puts rows into lists of a size",
  options: defineSpec<BatchStep>()(() => ({
    batch: z.strictObject({
      size: integer(1).describe("rows in a list, at most; only the last one of a key has fewer"),
      as: text("a name").describe("column with the list"),
      by: optional(texts("columns"), "all rows are of one kind").describe(
        "columns that the rows of a list have in common, which stay columns",
      ),
      fields: optional(z.union([text("a column"), texts("columns")]), "all but those of `by`").describe(
        "columns of an item; a name alone makes a list of its values",
      ),
      orderBy: optional(texts("columns"), "the order in which rows came").describe("order of the rows"),
      ordinal: optional(text("a name")).describe("column for the number of the batch among those of its key, from 1"),
    }),
  })),
  plan({ batch: options }, input) {
    const by = findColumns(options.by ?? [], input).map(({ name }) => name);
    const { sql: item, from } = itemOf(options, by, input);
    const order = [...(options.orderBy ?? []).map((path) => findPath(path, input).sql), arrival].join(", ");
    const keys = by.map(quoteIdentifier);
    const within = keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `;
    const ordered = `SELECT *, row_number() OVER (ORDER BY ${order}) AS ${rank} FROM ${inArrival}`;
    const rows = `SELECT *, row_number() OVER (${within}ORDER BY ${rank}) - 1 AS ${place} FROM (${ordered})`;
    const number = `${place} // ${options.size}`;
    const columns = [
      ...keys,
      `list(${item} ORDER BY ${place}) AS ${quoteIdentifier(options.as)}`,
      ...(options.ordinal === undefined ? [] : [`${number} + 1 AS ${quoteIdentifier(options.ordinal)}`]),
    ];
    const select = `SELECT ${columns.join(", ")} FROM (${rows}) GROUP BY ${[...keys, number].join(", ")} ORDER BY min(${rank})`;
    return { select, origins: originsOf(options, by, from) };
  },
};

/** Place of a row among all, from 1. */
const rank = "_millrace_rank";
/** Place of a row among those of its key, from 0. */
const place = "_millrace_place";

function itemOf(
  { fields }: BatchOptions,
  by: readonly string[],
  input: StepInput,
): { readonly sql: string; readonly from: readonly string[] } {
  if (typeof fields === "string") {
    const { name } = findColumn(fields, input);
    return { sql: quoteIdentifier(name), from: [name] };
  }
  const names =
    fields === undefined
      ? input.columns.map(({ name }) => name).filter((name) => !by.includes(name))
      : findColumns(fields, input).map(({ name }) => name);
  return { sql: packFields(names.map((name) => [name, quoteIdentifier(name)])), from: names };
}

function originsOf(
  { as, ordinal }: BatchOptions,
  by: readonly string[],
  from: readonly string[],
): Map<string, ColumnOrigin> {
  const origins = new Map<string, ColumnOrigin>(by.map((name) => [name.toLowerCase(), { from: [name], isSame: true }]));
  origins.set(as.toLowerCase(), { from });
  if (ordinal !== undefined) origins.set(ordinal.toLowerCase(), { from: by });
  return origins;
}

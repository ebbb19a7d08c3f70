// Of rows with the same key one stays. Which one is always told: by an order, or else by the order in which rows came.
import { quoteIdentifier } from "../../../compute/engine.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { choice, texts } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepKind } from "../convert-step.ts";
import { findColumns, findPath, kept } from "../find-column.ts";

export interface DedupeStep {
  /** Columns that identify a row. */
  readonly dedupe: readonly string[];
  /** Default `last`. */
  readonly keep?: "first" | "last";
  /** Columns that order rows of one key. Default: the order in which they came. */
  readonly orderBy?: readonly string[];
}

export const dedupe: StepKind<DedupeStep> = {
  name: "dedupe",
  summary: "keeps one of the rows with the same key",
  options: defineSpec<DedupeStep>()(() => ({
    dedupe: texts("columns").describe("columns that identify a row; rows without a value in one of them all stay"),
    keep: choice(["first", "last"]).default("last").describe("the row that stays"),
    orderBy: optional(texts("columns"), "the order in which rows came").describe(
      "columns that order the rows of a key; rows that are equal in them are in the order in which they came",
    ),
  })),
  keepsRows: true,
  plan({ dedupe: key, keep = "last", orderBy = [] }, input) {
    const names = findColumns(key, input).map(({ name }) => quoteIdentifier(name));
    const direction = keep === "first" ? "ASC NULLS LAST" : "DESC NULLS LAST";
    const order = [...orderBy.map((path) => findPath(path, input).sql), arrival].map((sql) => `${sql} ${direction}`);
    const isWithoutKey = names.map((name) => `${name} IS NULL`).join(" OR ");
    const place = `row_number() OVER (PARTITION BY ${names.join(", ")} ORDER BY ${order.join(", ")})`;
    return { columns: input.columns.map(kept), from: inArrival, tail: `QUALIFY (${isWithoutKey}) OR ${place} = 1` };
  },
};

/** Number of a row in the order in which it came. */
export const arrival = "_millrace_arrival";
/** Rows with their numbers. */
export const inArrival: string = `(SELECT *, row_number() OVER () AS ${arrival} FROM source)`;

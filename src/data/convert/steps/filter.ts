// Leaves rows out: by a condition, or by the values of columns.
import { z } from "zod";
import { quoteLiteral } from "../../../compute/engine.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { StepInput, StepKind } from "../convert-step.ts";
import { findPath, kept } from "../find-column.ts";

/** A value, one of several, or a pattern that must match the whole text. */
export type FilterValue = FilterScalar | readonly FilterScalar[] | { readonly pattern: string };

export type FilterScalar = string | number | boolean | null;

export interface FilterStep {
  /** The rows that stay: a condition in SQL, or column → value. All of them must hold. */
  readonly filter: { readonly sql: string } | Readonly<Record<string, FilterValue>>;
}

export const filter: StepKind<FilterStep> = {
  name: "filter",
  summary: "keeps the rows for which a condition holds, and leaves the others out",
  options: defineSpec<FilterStep>()(() => {
    const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
    const value = z.union([
      scalar,
      z.array(scalar).min(1).readonly(),
      z.strictObject({ pattern: text("an RE2 pattern") }),
    ]);
    return {
      filter: expecting(
        "an object with `sql`, or of columns and their values",
        z.union([z.strictObject({ sql: text("a condition") }), z.record(z.string().min(1), value)]),
      ).describe(
        "the rows that stay: `{ sql }`, or column → value, list of values or `{ pattern }`, an RE2 pattern for the whole text; texts may be variables",
      ),
    };
  }),
  keepsRows: true,
  selects: ({ filter: given }) => (isSql(given) ? [`SELECT * FROM source WHERE (\n${given.sql}\n)`] : []),
  patterns: ({ filter: given }) =>
    isSql(given) ? [] : Object.values(given).flatMap((value) => (isPattern(value) ? [value.pattern] : [])),
  texts: ({ filter: given }) =>
    isSql(given)
      ? []
      : Object.entries(given).flatMap(([name, value]) =>
          listScalars(value).flatMap((one) => (typeof one === "string" ? [{ text: one, path: ["filter", name] }] : [])),
        ),
  async plan({ filter: given }, input) {
    const columns = input.columns.map(kept);
    if (isSql(given)) return { columns, tail: `WHERE (\n${given.sql}\n)` };
    const conditions: string[] = [];
    for (const [name, value] of Object.entries(given)) conditions.push(await toCondition(name, value, input));
    return { columns, tail: `WHERE ${conditions.join(" AND ")}` };
  },
};

function isSql(given: FilterStep["filter"]): given is { readonly sql: string } {
  return Object.keys(given).join() === "sql" && typeof given["sql"] === "string";
}

function isPattern(value: FilterValue): value is { readonly pattern: string } {
  return typeof value === "object" && value !== null && "pattern" in value;
}

function listScalars(value: FilterValue): readonly FilterScalar[] {
  if (isList(value)) return value;
  return typeof value === "object" && value !== null ? [] : [value];
}

async function toCondition(name: string, value: FilterValue, input: StepInput): Promise<string> {
  const { sql } = findPath(name, input);
  if (isPattern(value)) {
    return `coalesce(regexp_full_match(CAST(${sql} AS VARCHAR), ${quoteLiteral(value.pattern)}), false)`;
  }
  const alternatives: string[] = [];
  for (const one of listScalars(value)) alternatives.push(await equals(sql, one, input));
  return `(${alternatives.join(" OR ")})`;
}

/** Texts are compared with the text of a value, so that `"7"` finds the number 7. */
async function equals(sql: string, value: FilterScalar, input: StepInput): Promise<string> {
  if (value === null) return `${sql} IS NULL`;
  if (typeof value !== "string") return `${sql} IS NOT DISTINCT FROM ${await input.session.bind(value)}`;
  return `CAST(${sql} AS VARCHAR) IS NOT DISTINCT FROM CAST(${await input.valueOf(value)} AS VARCHAR)`;
}

function isList(value: FilterValue): value is readonly FilterScalar[] {
  return Array.isArray(value);
}

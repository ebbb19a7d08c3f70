// Adds columns, or gives columns other values: variables, constants, expressions, parts of texts, and counts since 1970.
import { z } from "zod";
import { quoteLiteral } from "../../../compute/engine.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { choice, integer, text, texts } from "../../../core/spec/option-values.ts";
import { parseTimeZone } from "../../../core/schedule/time-zone.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { AsideRule, PlannedColumn, StepInput, StepKind } from "../convert-step.ts";
import { findPath, isSameName, replaceColumns } from "../find-column.ts";
import { guard, type OnError, onErrorOption } from "../on-error.ts";
import { countEpoch, type EpochUnit } from "../time-cast.ts";

/** A part of a text. */
export interface MatchOptions {
  /** Column or path with the text. */
  readonly match: string;
  /** RE2 pattern that is looked for in it. */
  readonly pattern: string;
  /** Number of the group that is wanted; 0 is the whole match. Default 1, or 0 for a pattern without groups. */
  readonly group?: number;
}

/** A count since 1970-01-01T00:00Z. */
export interface EpochOptions {
  /** Column or path with a date or time. */
  readonly epoch: string;
  /** Default `milliseconds`. */
  readonly unit?: EpochUnit;
  /** Of a text. */
  readonly format?: string | readonly string[];
  /** Whose local time a value without a zone is. Default `UTC`. */
  readonly timezone?: string;
}

/** A text may have variables. */
export type DerivedValue = string | number | boolean | null | { readonly sql: string } | MatchOptions | EpochOptions;

export interface DeriveStep {
  /** Column → its value. Each is made from the rows before the step. */
  readonly derive: Readonly<Record<string, DerivedValue>>;
  /** For texts without a match, and for what is no time. Default `fail`. */
  readonly onError?: OnError;
}

export const derive: StepKind<DeriveStep> = {
  name: "derive",
  summary: "adds columns, or gives them other values",
  options: defineSpec<DeriveStep>()(() => ({
    derive: expecting("an object of columns and values", z.record(z.string().min(1), valueSchema())).describe(
      "column → a text, in which variables such as `{{accounts.id}}` stand for the values of the row's unit; a number, true, false or null; `{ sql }`, an expression; `{ match, pattern, group }`, a part of a text; `{ epoch, unit, format, timezone }`, a time as a count since 1970",
    ),
    onError: onErrorOption(),
  })),
  keepsRows: true,
  carries: ({ derive: values }, column) =>
    Object.keys(values).some((name) => isSameName(name, column)) ? [] : [column],
  assertOptions(_where, _path, { derive: values }) {
    for (const value of Object.values(values)) {
      if (isObject(value) && "epoch" in value && value.timezone !== undefined) parseTimeZone(value.timezone);
    }
  },
  texts: ({ derive: values }) =>
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "string" ? [{ text: value, path: ["derive", name] }] : [],
    ),
  selects: ({ derive: values }) =>
    Object.values(values).flatMap((value) =>
      isObject(value) && "sql" in value ? [`SELECT (\n${value.sql}\n) FROM source`] : [],
    ),
  patterns: ({ derive: values }) =>
    Object.values(values).flatMap((value) => (isObject(value) && "match" in value ? [value.pattern] : [])),
  setsAside: ({ onError }) => onError === "quarantine",
  async plan({ derive: values, onError = "fail" }, input) {
    const aside: AsideRule[] = [];
    const changed: PlannedColumn[] = [];
    for (const [given, value] of Object.entries(values)) {
      const name = input.columns.find((column) => isSameName(column.name, given))?.name ?? given;
      const planned = await toValue(name, value, onError, input);
      aside.push(...planned.aside);
      changed.push({ name, sql: planned.sql, from: planned.from });
    }
    return { columns: replaceColumns(input.columns, changed), ...(aside.length === 0 ? {} : { aside }) };
  },
};

function valueSchema(): z.ZodType<DerivedValue, DerivedValue> {
  const schema = z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.strictObject({ sql: text("an expression") }),
    z.strictObject({
      match: text("a column or path"),
      pattern: text("an RE2 pattern"),
      group: integer(0, 9).optional(),
    }),
    z.strictObject({
      epoch: text("a column or path"),
      unit: choice(["seconds", "milliseconds", "microseconds"]).optional(),
      format: z.union([text("a format"), texts("formats")]).optional(),
      timezone: text("a time zone").optional(),
    }),
  ]);
  // an option that is `undefined` was left out
  return schema as unknown as z.ZodType<DerivedValue, DerivedValue>;
}

interface PlannedValue {
  readonly sql: string;
  readonly from: readonly string[];
  readonly aside: readonly AsideRule[];
}

async function toValue(name: string, value: DerivedValue, onError: OnError, input: StepInput): Promise<PlannedValue> {
  if (typeof value === "string") return { sql: await input.valueOf(value), from: [], aside: [] };
  if (!isObject(value)) return { sql: value === null ? "NULL" : await input.session.bind(value), from: [], aside: [] };
  if ("sql" in value) {
    const from = await readColumns(value.sql, input);
    return { sql: `(\n${value.sql}\n)`, from, aside: [] };
  }
  return "match" in value ? match(name, value, onError, input) : toEpoch(name, value, onError, input);
}

/** Columns that an expression reads. */
async function readColumns(expression: string, { session, columns }: StepInput): Promise<string[]> {
  const read = await session.parseColumns(`SELECT (\n${expression}\n) FROM source`);
  return columns.filter(({ name }) => read.some((one) => isSameName(one, name))).map(({ name }) => name);
}

/** A text that does not match is no text that nobody could tell from a match. */
function match(
  name: string,
  { match: path, pattern, group }: MatchOptions,
  onError: OnError,
  input: StepInput,
): PlannedValue {
  const { sql, column } = findPath(path, input);
  const subject = `CAST(${sql} AS VARCHAR)`;
  const wanted = group ?? (hasGroup(pattern) ? 1 : 0);
  const value = `regexp_extract(${subject}, ${quoteLiteral(pattern)}, ${wanted})`;
  const fits = `(${sql} IS NULL OR regexp_matches(${subject}, ${quoteLiteral(pattern)}))`;
  const problem = `\`${path}\` does not match the pattern of \`${name}\` in a row`;
  return { ...guard({ value, fits, problem }, onError, input.where), from: [column] };
}

function toEpoch(name: string, options: EpochOptions, onError: OnError, input: StepInput): PlannedValue {
  const { epoch, unit = "milliseconds", ...form } = options;
  const { sql, type, column } = findPath(epoch, input);
  const { cast: value, fits } = countEpoch(sql, type, unit, form);
  const problem = `\`${epoch}\` is no time in a row, of which \`${name}\` is made`;
  return { ...guard({ value, fits, problem }, onError, input.where), from: [column] };
}

/** Whether a pattern has a group that is counted. */
function hasGroup(pattern: string): boolean {
  const plain = pattern.replaceAll(/\\[^]|\[\^?\]?[^\]]*\]/g, "");
  return /\((?!\?)|\(\?P?</.test(plain);
}

function isObject(value: DerivedValue): value is Exclude<DerivedValue, string | number | boolean | null> {
  return typeof value === "object" && value !== null;
}

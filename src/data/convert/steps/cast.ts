// Gives columns other types. A value that the type does not hold is never rounded, cut or dropped without a word.
import { z } from "zod";
import { canonicalType, castExactly, type ExactCast } from "../../../compute/exact-cast.ts";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { parseTimeZone } from "../../../core/schedule/time-zone.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { choice, text, texts } from "../../../core/spec/option-values.ts";
import { refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { AsideRule, PlannedColumn, StepKind } from "../convert-step.ts";
import { findColumn, replaceColumns } from "../find-column.ts";
import { guard, type OnError, onErrorOption } from "../on-error.ts";
import { castTime, type TimeForm, timeTypes } from "../time-cast.ts";

export interface CastOptions extends TimeForm {
  /** A type of SQL, such as `DECIMAL(18,2)`. */
  readonly type: string;
  /** Whether an empty text is NULL. Default: it is a value as any other. */
  readonly empty?: "null";
}

export interface CastStep {
  /** Column → its type. */
  readonly cast: Readonly<Record<string, string | CastOptions>>;
  /** Default `fail`. */
  readonly onError?: OnError;
}

export const cast: StepKind<CastStep> = {
  name: "cast",
  summary: "gives columns other types",
  options: defineSpec<CastStep>()(() => ({
    cast: expecting(
      "an object of columns and types",
      z.record(z.string().min(1), z.union([text("a type of SQL"), castSchema()])),
    ).describe(
      "column → a type such as `BIGINT`, `DECIMAL(18,2)` or `TIMESTAMP`, or `{ type, format, epoch, timezone, empty }`",
    ),
    onError: onErrorOption(),
  })),
  keepsRows: true,
  assertOptions(where, path, { cast: columns }) {
    for (const [name, given] of Object.entries(columns)) assertCast(where, [...path, "cast", name], given);
  },
  setsAside: ({ onError }) => onError === "quarantine",
  plan({ cast: columns, onError = "fail" }, input) {
    const changed: PlannedColumn[] = [];
    const aside: AsideRule[] = [];
    for (const [given, options] of Object.entries(columns)) {
      const { name, type: from } = findColumn(given, input);
      const { type, ...form } = typeof options === "string" ? { type: options } : options;
      const wanted = canonicalType(type);
      const { cast: value, fits } = castValue(name, from, wanted, form);
      const problem = `column \`${name}\` holds a value that is no ${wanted}`;
      const guarded = guard({ value, fits, problem }, onError, input.where);
      aside.push(...guarded.aside);
      changed.push({ name, sql: guarded.sql, from: [name] });
    }
    return { columns: replaceColumns(input.columns, changed), ...(aside.length === 0 ? {} : { aside }) };
  },
};

function castSchema(): z.ZodType<CastOptions, CastOptions> {
  const schema = z.strictObject({
    type: text("a type of SQL"),
    format: z.union([text("a format"), texts("formats")]).optional(),
    epoch: choice(["seconds", "milliseconds", "microseconds"]).optional(),
    timezone: text("a time zone").optional(),
    empty: z.literal("null").optional(),
  });
  // an option that is `undefined` was left out
  return schema as unknown as z.ZodType<CastOptions, CastOptions>;
}

function assertCast(where: string, path: readonly PropertyKey[], given: string | CastOptions): void {
  const options: CastOptions = typeof given === "string" ? { type: given } : given;
  const below = typeof given === "string" ? path : [...path, "type"];
  const type = assertType(where, below, options.type);
  const { format, epoch, timezone } = options;
  if (timezone !== undefined) parseTimeZone(timezone);
  const useless = Object.entries({ format, epoch, timezone }).find(([, value]) => value !== undefined);
  if (useless !== undefined && !timeTypes.includes(type)) {
    throw refusal(
      where,
      [...path, useless[0]],
      `left out for the type ${type}, which is no date or timestamp`,
      useless[1],
    );
  }
  if (format !== undefined && epoch !== undefined) {
    throw refusal(where, [...path, "epoch"], "left out beside `format`", epoch);
  }
}

/** The canonical text of a type. @throws MillraceError `JOB_INVALID` for one that the engine does not know */
function assertType(where: string, path: readonly PropertyKey[], text: string): string {
  try {
    const type = canonicalType(text);
    if (!knownTypes.test(type))
      throw refusal(where, path, "a type of SQL such as `BIGINT`, `DATE` or `DECIMAL(18,2)`", text);
    return type;
  } catch (error) {
    if (error instanceof MillraceError && error.code === "JOB_INVALID") throw error;
    throw refusal(where, path, "a type of SQL such as `BIGINT`, `DATE` or `DECIMAL(18,2)`", text);
  }
}

const knownTypes =
  /^((U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM|BIT|BLOB|BOOLEAN|DATE|DOUBLE|FLOAT|INTERVAL|JSON|TIME|TIME WITH TIME ZONE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE|UUID|VARCHAR|DECIMAL\(\d+,\d+\))(\[\d*\])*|(STRUCT|MAP|UNION)\(.*)$/;

function castValue(name: string, from: string, to: string, { empty, ...form }: Omit<CastOptions, "type">): ExactCast {
  const column = quoteIdentifier(name);
  const value = empty === "null" && canonicalType(from) === "VARCHAR" ? `nullif(${column}, '')` : column;
  const hasForm = Object.values(form).some((option) => option !== undefined);
  return hasForm ? castTime(value, from, to, form) : castExactly(value, from, to);
}

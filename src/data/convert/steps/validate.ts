// Compares rows with what is said of their columns.
import { z } from "zod";
import { castExactly } from "../../../compute/exact-cast.ts";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { expecting } from "../../../core/spec/option-notes.ts";
import { choice, integer, text } from "../../../core/spec/option-values.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { AsideRule, StepInput, StepKind } from "../convert-step.ts";
import { findColumn, isSameName, kept } from "../find-column.ts";
import { refuseSql } from "../step-error.ts";

/** What a column must be, in words of JSON Schema. */
export interface ColumnRule {
  readonly type?: "integer" | "number" | "boolean" | "date" | "date-time" | "uuid";
  /** Whether each row has a value. */
  readonly required?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** In characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** RE2 pattern that is looked for in the value, as JSON Schema has it. */
  readonly pattern?: string;
  readonly enum?: readonly (string | number | boolean)[];
}

export interface ValidateStep {
  readonly validate: Readonly<Record<string, ColumnRule>>;
  /** Whether there may be other columns. Default true. */
  readonly others?: boolean;
  /** Default `fail`. */
  readonly onError?: "fail" | "quarantine";
}

export const validate: StepKind<ValidateStep> = {
  name: "validate",
  summary: "compares rows with what is said of their columns",
  options: defineSpec<ValidateStep>()(() => ({
    validate: expecting("an object of columns and rules", z.record(z.string().min(1), ruleSchema())).describe(
      "column → rules in words of JSON Schema: `type`, `required`, `minimum`, `maximum`, `minLength`, `maxLength`, `pattern`, `enum`; NULL keeps all rules but `required`",
    ),
    others: z.boolean().default(true).describe("whether the rows may have columns of which nothing is said"),
    onError: choice(["fail", "quarantine"])
      .default("fail")
      .describe("a row that breaks a rule: `fail` the run, or set the row aside in the `quarantine`"),
  })),
  keepsRows: true,
  patterns: ({ validate: rules }) =>
    Object.values(rules).flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern])),
  setsAside: ({ onError }) => onError === "quarantine",
  plan({ validate: rules, others = true, onError = "fail" }, input) {
    const other = input.columns.find(({ name }) => !Object.keys(rules).some((known) => isSameName(known, name)));
    if (!others && other !== undefined) {
      throw new MillraceError(
        "SCHEMA_MISMATCH",
        `${input.where}: a column of which nothing is said, got: \`${other.name}\``,
      );
    }
    const broken = Object.entries(rules).flatMap(([name, rule]) => listRules(name, rule, input));
    const columns = input.columns.map(kept);
    if (onError === "quarantine") {
      const aside: AsideRule[] = broken.map(({ breaks, reason }) => ({ breaks, reason: `${input.where}: ${reason}` }));
      return { columns, aside };
    }
    if (broken.length === 0) return { columns };
    const cases = broken.map(
      ({ breaks, reason }) => `WHEN ${breaks} THEN ${refuseSql(input.where, `${reason} in a row`)}`,
    );
    // a condition on rows, because a column that no later step reads would never be computed
    return { columns, tail: `WHERE CASE ${cases.join(" ")} ELSE true END` };
  },
};

function ruleSchema(): z.ZodType<ColumnRule, ColumnRule> {
  const schema = z.strictObject({
    type: choice(["integer", "number", "boolean", "date", "date-time", "uuid"]).optional(),
    required: z.boolean().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minLength: integer(0).optional(),
    maxLength: integer(0).optional(),
    pattern: text("an RE2 pattern").optional(),
    enum: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .readonly()
      .optional(),
  });
  // an option that is `undefined` was left out
  return schema as unknown as z.ZodType<ColumnRule, ColumnRule>;
}

const sqlTypes = {
  integer: "HUGEINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  "date-time": "TIMESTAMP WITH TIME ZONE",
  uuid: "UUID",
} as const;

function listRules(given: string, rule: ColumnRule, input: StepInput): AsideRule[] {
  const { name, type } = findColumn(given, input);
  const value = quoteIdentifier(name);
  const asText = `CAST(${value} AS VARCHAR)`;
  const asNumber = `TRY_CAST(${value} AS DOUBLE)`;
  const conditions: (readonly [holds: string, reason: string] | undefined)[] = [
    rule.required === true ? [`${value} IS NOT NULL`, "has no value"] : undefined,
    rule.type === undefined ? undefined : [castExactly(value, type, sqlTypes[rule.type]).fits, `is no ${rule.type}`],
    rule.minimum === undefined ? undefined : [`${asNumber} >= ${rule.minimum}`, `is below ${rule.minimum}`],
    rule.maximum === undefined ? undefined : [`${asNumber} <= ${rule.maximum}`, `is above ${rule.maximum}`],
    rule.minLength === undefined ? undefined : [`length(${asText}) >= ${rule.minLength}`, "is too short"],
    rule.maxLength === undefined ? undefined : [`length(${asText}) <= ${rule.maxLength}`, "is too long"],
    rule.pattern === undefined
      ? undefined
      : [`regexp_matches(${asText}, ${quoteLiteral(rule.pattern)})`, "does not match its pattern"],
    rule.enum === undefined
      ? undefined
      : [`${asText} IN (${rule.enum.map((one) => quoteLiteral(String(one))).join(", ")})`, "is none of its values"],
  ];
  return conditions.flatMap((condition) => {
    if (condition === undefined) return [];
    const [holds, reason] = condition;
    const isForNull = holds === `${value} IS NOT NULL`;
    const breaks = isForNull ? `NOT (${holds})` : `(${value} IS NOT NULL AND NOT coalesce(${holds}, false))`;
    return [{ breaks, reason: `column \`${name}\` ${reason}` }];
  });
}

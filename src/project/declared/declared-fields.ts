// The schemas of `params` and `config` of a job that is no code: a few kinds of values, each described by name.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice } from "../../core/spec/option-values.ts";
import { parseOptions, refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** A value that a run or the configuration gives. */
export interface DeclaredField {
  readonly type: "text" | "integer" | "number" | "boolean" | "date" | "instant" | "texts";
  readonly description?: string;
  /** Stands for the value when it is left out, which is then allowed. */
  readonly default?: string | number | boolean | readonly string[];
  readonly optional?: boolean;
  readonly values?: readonly string[];
}

const kinds = ["text", "integer", "number", "boolean", "date", "instant", "texts"] as const;

export const declaredFieldSpec: Spec<DeclaredField> = defineSpec<DeclaredField>()(() => ({
  type: choice(kinds).describe(
    "the kind of the value; `date` is `2026-01-31`, `instant` one such as `2026-01-31T08:00:00Z`",
  ),
  description: optional(z.string()).describe("what it is for, in one line"),
  default: optional(
    z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]),
    "the value must be given, unless it is `optional`",
  ).describe("the value when none is given"),
  optional: z.boolean().default(false).describe("whether it may be absent"),
  values: optional(expecting("a list of texts", z.array(z.string()).min(1).readonly()), "any").describe(
    "the texts that are allowed, for `text`",
  ),
}));

/**
 * @param option `params` or `config`
 * @throws MillraceError `JOB_INVALID` with the path to the option
 */
export function toFieldsSchema(fields: unknown, option: string, where: string): z.ZodType {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw refusal(where, [option], "an object: name → its type", fields);
  }
  const shape = Object.entries(fields).map(([name, field]) => [name, toSchema(field, [option, name], where)] as const);
  return z.strictObject(Object.fromEntries(shape));
}

function toSchema(given: unknown, path: readonly string[], where: string): z.ZodType {
  const checked = parseOptions(spec(path), nest(given, path), where);
  const field = path.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], checked);
  const { type, values, description, default: fallback, optional: isOptional = false } = field as DeclaredField;
  if (values !== undefined && type !== "text")
    throw refusal(where, [...path, "values"], "left out unless `type` is `text`", values);
  const schema = values === undefined ? valueSchemas[type]() : z.enum(values);
  const described = description === undefined ? schema : schema.describe(description);
  if (fallback === undefined) return isOptional ? described.optional() : described;
  if (!schema.safeParse(fallback).success)
    throw refusal(where, [...path, "default"], `a value of the type \`${type}\``, fallback);
  return described.default(fallback);
}

const valueSchemas: Readonly<Record<DeclaredField["type"], () => z.ZodType>> = {
  text: () => z.string(),
  integer: () => z.int(),
  number: () => z.number(),
  boolean: () => z.boolean(),
  date: () => z.iso.date(),
  instant: () => z.iso.datetime({ offset: true }),
  texts: () => z.array(z.string()),
};

/** The spec of the one field, at its place, so that a refusal names and locates it. */
function spec(path: readonly string[]): Spec {
  const schema = path.reduceRight<z.ZodType>(
    (inner, key) => z.strictObject({ [key]: inner }),
    declaredFieldSpec.schema,
  );
  return { schema, shape: {} };
}

function nest(value: unknown, path: readonly string[]): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

// Puts what a schema expects into a phrase, for "expected `x` to be …" in errors and for the column "type" of the docs.
import type { z } from "zod";
import { notesOf } from "./option-notes.ts";

/** Such as "a positive integer", "one of `a`, `b`" or "an object"; of a schema without better words "something else". */
export function expectationOf(schema: z.core.$ZodType): string {
  const { expected } = notesOf(schema);
  if (expected !== undefined) return expected;
  const inner = innerOf(schema);
  if (inner !== undefined) return expectationOf(inner);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "number":
      return describeNumber(schema as z.ZodNumber);
    case "enum":
      return oneOf(Object.values(def.entries));
    case "literal":
      return oneOf(def.values);
    case "array":
      return "a list";
    case "record":
    case "object":
      return "an object";
    case "union":
      return def.options.map(expectationOf).join(", or ");
    case "unknown":
      return "any value";
    default:
      return "something else";
  }
}

/** What an optional, defaulted or frozen schema wraps. */
export function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = schema._zod as z.core.$ZodOptional["_zod"];
  return wrappers.includes(def.type) ? def.innerType : undefined;
}

/** What is left when everything that wraps a schema is taken off. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodTypes {
  const inner = innerOf(schema);
  return inner === undefined ? (schema as z.core.$ZodTypes) : unwrap(inner);
}

const wrappers: readonly string[] = ["optional", "default", "prefault", "readonly", "nonoptional"];

function oneOf(values: readonly unknown[]): string {
  const list = values.map((value) => `\`${String(value)}\``).join(", ");
  return values.length === 1 ? list : `one of ${list}`;
}

function describeNumber({ minValue, maxValue, format }: z.ZodNumber): string {
  const [kind, article] = format === "safeint" ? ["integer", "an"] : ["number", "a"];
  // The bounds of what a double holds exactly are not for people.
  const least = minValue !== null && minValue > Number.MIN_SAFE_INTEGER ? minValue : undefined;
  const most = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : undefined;
  if (least !== undefined && most !== undefined) return `${article} ${kind} from ${least} to ${most}`;
  if (most !== undefined) return `${article} ${kind} of at most ${most}`;
  if (least === 1) return `a positive ${kind}`;
  return least === undefined ? `${article} ${kind}` : `${article} ${kind} of at least ${least}`;
}

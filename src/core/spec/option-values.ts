// The kinds of values that options have, each with the phrase that refuses another one.
import { z } from "zod";
import { namePattern } from "../name.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { expecting } from "./option-notes.ts";

/** Text with at least one character. */
export function text(expected = "a text that is not empty"): z.ZodString {
  return expecting(expected, z.string().min(1));
}

/** The name of a job, a pipeline or a dataset. */
export function name(): z.ZodString {
  return expecting("a name of lower case letters, digits and `_`", z.string().regex(namePattern));
}

/** @param expected completes "to be a list of …" */
export function texts(expected = "names", least: 0 | 1 = 1): z.ZodReadonly<z.ZodArray<z.ZodString>> {
  const phrase = `a list of ${least === 0 ? "" : "one or more "}${expected}`;
  return expecting(phrase, z.array(text()).min(least).readonly());
}

/** A whole number; both bounds are part of it. */
export function integer(least: number, most?: number): z.ZodInt {
  return most === undefined ? z.int().min(least) : z.int().min(least).max(most);
}

/** Text such as `30s`. @param isAllowed of its milliseconds, when not every duration will do */
export function duration(
  expected = "a duration such as `30s` or `1h30m`",
  isAllowed: (ms: number) => boolean = () => true,
): z.ZodType<Duration, Duration> {
  // JSON Schema and a form know it as text.
  const schema = z.string().refine((value) => {
    const ms = toMs(value);
    return ms !== undefined && isAllowed(ms);
  });
  return expecting(expected, schema) as unknown as z.ZodType<Duration, Duration>;
}

/** One of some texts. */
export function choice<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
): z.ZodEnum<{ [Choice in Choices[number]]: Choice }> {
  return z.enum(choices);
}

/** A function; what it takes and gives is left to the types. */
export function callback<Callback>(): z.ZodCustom<Callback, Callback> {
  return expecting(
    "a function",
    z.custom<Callback>((value) => typeof value === "function"),
  );
}

/** A zod schema, also one of another copy of zod. */
export function schemaOption<Schema extends z.ZodType>(): z.ZodCustom<Schema, Schema> {
  return expecting("a zod schema", z.custom<Schema>(isSchema));
}

function isSchema(value: unknown): boolean {
  return typeof value === "object" && value !== null && "safeParse" in value && "_zod" in value;
}

function toMs(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { fitParams } from "./fit-params.ts";
import { parseParams } from "./parse-params.ts";

function fit(schema: z.ZodType, ...pairs: readonly string[]): unknown {
  return fitParams(parseParams(pairs, undefined), [schema]);
}

const texts: readonly (readonly [string, z.ZodType])[] = [
  ["a text", z.string()],
  ["an optional text", z.string().optional()],
  ["a text or null", z.string().nullable()],
  ["a text with a default", z.string().default("x")],
  ["a text with a pattern", z.string().regex(/^[\s\S]*$/)],
  ["a text that is changed", z.string().transform((text) => `(${text})`)],
  ["a text that is read as another schema", z.string().pipe(z.string())],
  ["a text made of anything", z.coerce.string()],
  ["a text or a list", z.union([z.string(), z.array(z.string())])],
  ["a text or an object", z.string().or(z.object({ a: z.number() }))],
  ["a text with a brand", z.string().brand("zip")],
  ["a text with a fallback", z.string().min(1).readonly()],
];

// Values that look like JSON of another type.
const looks = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom("true", "false", "0", "-0", "1e3", "1.50", "12345", "9007199254740993"),
  fc.constantFrom("{}", '{"b":1}', "[1]", " 7 "),
);

test.each(texts)("what looks like a number stays as it was typed for %s", (_name, field) => {
  const schemas = [z.object({ zip: field }), z.strictObject({ zip: field }), z.looseObject({ zip: field })];
  fc.assert(
    fc.property(looks, fc.constantFrom(...schemas), (text, schema) => {
      fc.pre(text !== "[1]" || !schema.safeParse({ zip: [1] }).success);
      expect(fit(schema, `zip=${text}`)).toEqual({ zip: text });
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["a number", z.number(), "12345", 12345],
  ["a number made of anything", z.coerce.number(), "12", 12],
  ["a flag", z.boolean(), "true", true],
  ["a flag made of anything", z.coerce.boolean(), "false", false],
  ["a flag in words", z.stringbool(), "true", "true"],
  ["a date made of anything", z.coerce.date(), "2026", "2026"],
  ["null", z.string().nullable(), "null", null],
  ["anything", z.unknown(), "1", 1],
  ["a choice of texts", z.enum(["1", "2"]), "2", "2"],
  ["one text", z.literal("7"), "7", "7"],
  ["one number", z.literal(7), "7", 7],
  ["a number or a text", z.union([z.number(), z.string()]), "7", 7],
  ["a list", z.array(z.number()), "[1,2]", [1, 2]],
  ["a text in quotes", z.string(), '"12345"', "12345"],
  ["what fits no way, which the job's schema will say", z.array(z.string()), "7", 7],
])("for %s the value is the one that fits", (_name, field, text, value) => {
  expect(fit(z.object({ value: field }), `value=${text}`)).toEqual({ value });
});

test("a schema that is no plain object is asked as a whole", () => {
  const kinds = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("zip"), code: z.string(), count: z.number() }),
    z.object({ kind: z.literal("id"), code: z.number() }),
  ]);
  expect(fit(kinds, "kind=zip", "code=123", "count=4")).toEqual({ kind: "zip", code: "123", count: 4 });
  expect(fit(kinds, "kind=id", "code=123")).toEqual({ kind: "id", code: 123 });
  const names = z.record(z.string(), z.string());
  const pairs = Array.from({ length: 12 }, (_, index) => `p${index}=${index}`);
  expect(Object.values(fit(names, ...pairs) as object)).toEqual(pairs.map((_, index) => String(index)));
});

test("every job of a pipeline counts, and names are only names", () => {
  const given = parseParams(["zip=12345", "__proto__=1", "other=2"], '{"zip":1,"rest":5}');
  const params = fitParams(given, [
    z.object({ zip: z.string(), rest: z.string() }),
    z.object({ zip: z.string().max(9) }),
  ]);
  expect(Object.entries(params)).toEqual([
    ["zip", "12345"],
    ["rest", 5],
    ["__proto__", 1],
    ["other", 2],
  ]);
  expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
  expect(fitParams(given, [z.object({ zip: z.string() }), z.object({ zip: z.number() })])["zip"]).toBe(12345);
});

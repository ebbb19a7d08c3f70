// Values that fit a JSON Schema as zod writes it, for requests that are right by their schema, whatever they mean.
import fc from "fast-check";

/** The part of JSON Schema that our request schemas use. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Texts that break what is put together carelessly. */
export const hostileTexts: readonly string[] = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'; drop table run; --",
  "%' or 1=1 --",
  "a' union select secret_hash from token --",
  "../../etc/passwd",
  "$" + "{process.env.HOME}",
  "\u202Egnp.exe",
  "\u001B[2J",
  "%00",
  "\\",
  "_%",
  "nul",
  "__proto__",
  "hasOwnProperty",
  "9".repeat(40),
  "é".repeat(150),
  "🙂".repeat(60),
  "r1",
  "r999999999999999",
  "hello",
  "2026-02-30",
  "2026-11-21T00:00:00Z",
  "PT1S",
  "1d",
  "0",
  "-1",
  "1e308",
  "null",
  "{}",
];

/** Plain texts, hostile texts, and any texts. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

export function valueOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valueOf));
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array":
      return fc.array(valueOf(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case "string":
      return textOf(schema);
    case "integer":
      return fc.integer({ min: schema.minimum ?? -5, max: schema.maximum ?? 1_000 });
    case "number":
      return fc.double({ min: schema.minimum ?? -5, max: schema.maximum ?? 1_000, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, valueOf(schema)]));
  const known = fc.record(fields, { requiredKeys: [...required] });
  if (typeof additionalProperties !== "object") return known;
  const more = fc.dictionary(anyText, valueOf(additionalProperties), { maxKeys: 3 });
  return fc.tuple(known, more).map(([a, b]) => ({ ...b, ...Object(a) }));
}

function textOf({ pattern, format, minLength = 0, maxLength = 1_000 }: JsonSchema): fc.Arbitrary<unknown> {
  if (format === "date-time") {
    return fc
      .date({ min: new Date(0), max: new Date("9000-01-01"), noInvalidDate: true })
      .map((at) => at.toISOString());
  }
  const own = pattern === undefined ? anyText : fc.oneof(fc.stringMatching(new RegExp(pattern, "u")), anyText);
  return own.map((text) => text.padEnd(minLength, "x").slice(0, maxLength));
}

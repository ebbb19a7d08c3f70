// The params form: fields from a schema, params from what was typed.
import { describe, expect, it } from "vitest";
import { initialDraft, toParamFields } from "./params-fields.ts";
import { readJsonParams, readParams } from "./read-params.ts";

const schema = {
  type: "object",
  properties: {
    day: { type: "string", format: "date", description: "the day to load" },
    pages: { type: "integer", minimum: 1, maximum: 10, default: 3 },
    ratio: { type: "number", exclusiveMinimum: 0 },
    region: { enum: ["eu", "us"] },
    full: { type: "boolean", default: false },
    tables: { type: "array", items: { type: "string" }, maxItems: 2 },
    nested: { type: "object", properties: {} },
    note: { anyOf: [{ type: "string", maxLength: 5 }, { type: "null" }] },
  },
  required: ["day", "pages"],
  additionalProperties: false,
};

const fields = toParamFields(schema) ?? [];

describe("fields of a schema", () => {
  it("have a kind each, and are required unless there is a default", () => {
    expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
      ["day", "date", true],
      ["pages", "integer", false],
      ["ratio", "number", false],
      ["region", "choice", false],
      ["full", "boolean", false],
      ["tables", "list", false],
      ["nested", "json", false],
      ["note", "text", false],
    ]);
  });

  it("are none when the schema is not that of an object with known keys", () => {
    expect(toParamFields(null)).toBeNull();
    expect(toParamFields({ anyOf: [] })).toBeNull();
    expect(toParamFields({ type: "object", additionalProperties: { type: "string" } })).toBeNull();
    expect(toParamFields({ type: "object", properties: {} })).toEqual([]);
  });

  it("begin with defaults, or with the params of an earlier run", () => {
    expect(initialDraft(fields)).toMatchObject({ day: "", pages: "3", full: "false" });
    const draft = initialDraft(fields, { day: "2026-01-31", tables: ["a", "b"], region: "eu", nested: { x: 1 } });
    expect(draft).toMatchObject({ day: "2026-01-31", tables: "a\nb", region: '"eu"', nested: '{\n  "x": 1\n}' });
  });
});

describe("params of a draft", () => {
  it("have the types of the schema; empty fields are left out", () => {
    const draft = { day: "2026-01-31", pages: "4", region: '"us"', full: "true", tables: "a\n\n b ", nested: "[1]" };
    expect(readParams(fields, draft).params).toEqual({
      day: "2026-01-31",
      pages: 4,
      region: "us",
      full: true,
      tables: ["a", "b"],
      nested: [1],
    });
  });

  it("come back from an earlier run as they were", () => {
    const params = { day: "2026-01-31", pages: 4, region: "eu", full: true, tables: ["a"], nested: { x: [null] } };
    expect(readParams(fields, initialDraft(fields, params)).params).toEqual(params);
  });

  it("are refused with a sentence for each field that cannot be right", () => {
    const draft = { pages: "2.5", ratio: "0", region: '"mars"', tables: "a\nb\nc", nested: "{", note: "too long" };
    const { params, problems } = readParams(fields, draft);
    expect(params).toBeNull();
    expect(Object.fromEntries(problems)).toMatchObject({
      day: "is required",
      pages: "expected a whole number",
      ratio: "expected more than 0",
      region: 'expected one of "eu", "us"',
      tables: "expected at most 2 lines",
      note: "expected at most 5 characters",
    });
    expect(problems.get("nested")).toMatch(/^not valid JSON/);
    expect(readParams(fields, { day: "2026-13-01", pages: "11" }).problems.get("pages")).toBe("expected at most 10");
  });

  it("may be one JSON object", () => {
    expect(readJsonParams(' {"a": 1} ').params).toEqual({ a: 1 });
    expect(readJsonParams("").params).toEqual({});
    expect(readJsonParams("[1]").problems.get("")).toMatch(/^expected an object/);
  });
});

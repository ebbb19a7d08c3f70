// Params from what a person typed into the fields of a form, with a sentence for each field that cannot be right.
import { type JsonValue } from "../../api/page.ts";
import { parseJson } from "../state/diff-json.ts";
import { type ParamField, type ParamsDraft, type SchemaObject } from "./params-fields.ts";

export interface ReadParams {
  /** Null while there are problems. */
  readonly params: Readonly<Record<string, JsonValue>> | null;
  /** By name of field. */
  readonly problems: ReadonlyMap<string, string>;
}

/** Fields left empty are left out, so that the job's own defaults hold. */
export function readParams(fields: readonly ParamField[], draft: ParamsDraft): ReadParams {
  const problems = new Map<string, string>();
  const entries: [string, JsonValue][] = [];
  for (const field of fields) {
    const text = draft[field.name] ?? "";
    if (text.trim() === "") {
      if (field.isRequired) problems.set(field.name, "is required");
      continue;
    }
    const read = readers[field.kind](text, field);
    if ("problem" in read) problems.set(field.name, read.problem);
    else entries.push([field.name, read.value]);
  }
  return { params: problems.size > 0 ? null : Object.fromEntries(entries), problems };
}

/** Params typed as one JSON text, which must be an object. */
export function readJsonParams(text: string): ReadParams {
  if (text.trim() === "") return { params: {}, problems: new Map() };
  const { value, error } = parseJson(text);
  if (error !== null) return { params: null, problems: new Map([["", error]]) };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { params: null, problems: new Map([["", 'expected an object, such as {"day": "2026-01-31"}']]) };
  }
  // Neither null nor an array.
  return { params: value as Readonly<Record<string, JsonValue>>, problems: new Map() };
}

type ReadField = { readonly value: JsonValue } | { readonly problem: string };

const readers: Readonly<Record<ParamField["kind"], (text: string, field: ParamField) => ReadField>> = {
  text: (text, { schema }) => readText(text, schema),
  integer: (text, { schema }) =>
    /^\s*[+-]?\d+\s*$/.test(text) ? readNumber(text, schema) : { problem: "expected a whole number" },
  number: (text, { schema }) => readNumber(text, schema),
  boolean: (text) => ({ value: text === "true" }),
  choice: (text, { choices }) =>
    choices.includes(text) ? { value: parseJson(text).value } : { problem: `expected one of ${choices.join(", ")}` },
  date: (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
      ? { value: text }
      : { problem: "expected a date such as 2026-01-31" },
  datetime: (text) =>
    /T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))
      ? { value: text }
      : { problem: "expected an instant with a zone such as 2026-01-31T06:00:00Z" },
  list: (text, { schema }) => readList(text, schema),
  json: (text) => {
    const { value, error } = parseJson(text);
    return error === null ? { value } : { problem: error };
  },
};

function readText(text: string, schema: SchemaObject): ReadField {
  const minLength = numberOf(schema, "minLength");
  const maxLength = numberOf(schema, "maxLength");
  if (minLength !== null && text.length < minLength) return { problem: `expected at least ${minLength} characters` };
  if (maxLength !== null && text.length > maxLength) return { problem: `expected at most ${maxLength} characters` };
  return { value: text };
}

function readNumber(text: string, schema: SchemaObject): ReadField {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: "expected a number" };
  const bounds: readonly (readonly [string, (bound: number) => boolean, string])[] = [
    ["minimum", (bound) => value >= bound, "at least"],
    ["maximum", (bound) => value <= bound, "at most"],
    ["exclusiveMinimum", (bound) => value > bound, "more than"],
    ["exclusiveMaximum", (bound) => value < bound, "less than"],
  ];
  for (const [key, holds, words] of bounds) {
    const bound = numberOf(schema, key);
    if (bound !== null && !holds(bound)) return { problem: `expected ${words} ${bound}` };
  }
  return { value };
}

function readList(text: string, schema: SchemaObject): ReadField {
  const items = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const minItems = numberOf(schema, "minItems");
  const maxItems = numberOf(schema, "maxItems");
  if (minItems !== null && items.length < minItems) return { problem: `expected at least ${minItems} lines` };
  if (maxItems !== null && items.length > maxItems) return { problem: `expected at most ${maxItems} lines` };
  return { value: items };
}

function numberOf(schema: SchemaObject, key: string): number | null {
  const value = schema[key];
  return typeof value === "number" ? value : null;
}

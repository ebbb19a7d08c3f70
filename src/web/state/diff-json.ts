// Finds the differences between two JSON values, as a flat list of dotted paths, in the form in which the server states
// differences.
import { type JsonValue } from "../../api/page.ts";
import { type Difference } from "../../api/run.ts";

/** At most `limit` differences, in the order of the keys; a value that is missing on one side reads as null there. */
export function diffJson(before: JsonValue, after: JsonValue, limit = 200): readonly Difference[] {
  const differences: Difference[] = [];
  const visit = (path: string, a: JsonValue, b: JsonValue): void => {
    if (differences.length >= limit || isSame(a, b)) return;
    const keys = childKeys(a, b);
    if (keys === null) {
      differences.push({ path: path === "" ? "(all)" : path, before: a, after: b });
      return;
    }
    for (const key of keys) visit(path === "" ? key : `${path}.${key}`, childOf(a, key), childOf(b, key));
  };
  visit("", before, after);
  return differences;
}

/** The JSON value of a text, or a sentence that says where it breaks. */
export function parseJson(
  text: string,
): { readonly value: JsonValue; readonly error: null } | { readonly value: null; readonly error: string } {
  try {
    // JSON.parse gives nothing but JSON values.
    return { value: JSON.parse(text) as JsonValue, error: null };
  } catch (error) {
    return { value: null, error: `not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

// Null when the two have no parts to compare one by one.
function childKeys(a: JsonValue, b: JsonValue): readonly string[] | null {
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return null;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function childOf(value: JsonValue, key: string): JsonValue {
  if (!isContainer(value) || !Object.hasOwn(value, key)) return null;
  // Arrays and objects are both read by the text of their key.
  return (value as Readonly<Record<string, JsonValue>>)[key] ?? null;
}

function isContainer(value: JsonValue): value is readonly JsonValue[] | { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null;
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}

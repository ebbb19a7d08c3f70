// Places in an answer, `records.cursor` or `errors.0.code`, and what is there.
import { ExactNumber, type VariableValue } from "../../core/dataset/variables.ts";

/** Names of fields from the outside in; a number is a place in a list. */
export type ValuePath = readonly string[];

/** Names are separated by dots; a name that has one itself is given in a list of names. */
export function toValuePath(path: string | readonly string[]): ValuePath {
  return typeof path === "string" ? path.split(".") : path;
}

/** What is at the path; `undefined` where the path ends before. */
export function valueAt(value: VariableValue | undefined, path: ValuePath): VariableValue | undefined {
  let found: VariableValue | undefined = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, VariableValue | undefined>>)[name];
  }
  return found;
}

/**
 * What is at a path with `*` for every item or field; a list at its end is its items.
 * @returns `undefined` where a part of the path is not there, or null is at its end
 */
export function listValues(value: VariableValue | undefined, path: string): readonly VariableValue[] | undefined {
  let found: readonly VariableValue[] = value === undefined ? [] : [value];
  for (const name of [...toValuePath(path), ""]) {
    const next: VariableValue[] = [];
    for (const one of found) {
      const isBranch = typeof one === "object" && one !== null && !(one instanceof ExactNumber);
      if (name === "" && !Array.isArray(one)) next.push(one);
      else if (name === "" || name === "*") {
        if (!isBranch) return undefined;
        next.push(...Object.values(one).map((each) => each ?? null));
      } else {
        const below = valueAt(one, [name]);
        if (below === undefined) return undefined;
        next.push(below);
      }
    }
    found = next;
  }
  return value === undefined || found.includes(null) ? undefined : found;
}

/** JSON as values. Nothing is lost of a number: one that JavaScript writes otherwise becomes a `bigint`, or else its own text. */
export function parseExactJson(text: string): VariableValue {
  // TypeScript does not know what Node gives as third argument, the text that the value was written as.
  const reviver = (_key: string, value: unknown, ...[context]: readonly [{ readonly source?: string }?]): unknown => {
    const source = context?.source;
    if (typeof value !== "number" || source === undefined || String(value) === source) return value;
    return /^-?\d+$/.test(source) ? BigInt(source) : source;
  };
  return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]) as VariableValue;
}

/** JSON text of a value; a number of any size keeps its digits. */
export function printJson(value: VariableValue): string {
  if (typeof value === "bigint" || value instanceof ExactNumber) return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(printJson).join(",")}]`;
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${JSON.stringify(name)}:${printJson(field)}`],
  );
  return `{${fields.join(",")}}`;
}

function isList(value: VariableValue): value is readonly VariableValue[] {
  return Array.isArray(value);
}

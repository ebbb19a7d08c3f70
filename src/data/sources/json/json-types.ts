// From the shape of documents to the types of columns.
import { type EngineType, mapScalars, parseEngineType, untyped } from "../../../compute/engine-type.ts";
import { isJsonText, type JsonShape } from "./json-shape.ts";

/** The type of a place; `"NULL"` when it never has a value, `JSON` when nothing but the text itself holds all values. */
export function typeOfShape(shape: JsonShape): EngineType {
  if (shape.type !== undefined) return parseEngineType(shape.type);
  if (isJsonText(shape)) return parseEngineType("JSON");
  if (shape.values !== undefined) {
    return { kind: "map", key: parseEngineType("VARCHAR"), value: typeOfShape(shape.values) };
  }
  if (shape.fields !== undefined) {
    const fields = Array.from(shape.fields, ([name, field]) => ({ name, type: typeOfShape(field) }));
    return { kind: "struct", fields };
  }
  if (shape.element !== undefined) return { kind: "list", element: typeOfShape(shape.element) };
  return parseEngineType(scalarType(shape));
}

/** Different kinds of scalars are held as the texts that came: `A-1` and `7`. */
function scalarType({ scalars }: JsonShape): string {
  const [only, ...others] = scalars;
  if (only === undefined) return untyped;
  if (others.length > 0) return isNumeric(scalars) ? "DOUBLE" : "VARCHAR";
  return { boolean: "BOOLEAN", integer: "BIGINT", number: "DOUBLE", text: "VARCHAR" }[only];
}

/** Tells whether a place holds numbers and nothing else. */
export function isNumeric(scalars: JsonShape["scalars"]): boolean {
  return scalars.size > 0 && [...scalars].every((scalar) => scalar === "integer" || scalar === "number");
}

/** The type with one scalar replaced by another, wherever it is. */
export function replaceScalar(type: EngineType, name: string, by: string): EngineType {
  return mapScalars(type, (scalar) => (scalar.name === name ? parseEngineType(by) : scalar));
}

// Places that hold one kind of scalar, with SQL for all values of a place in one document.
import { quoteLiteral } from "../../../compute/engine.ts";
import { isJsonText, type JsonShape } from "./json-shape.ts";

/** A place with nothing below it. */
export interface JsonPlace {
  readonly shape: JsonShape;
  /** One for each key at the top that differs in case only; empty where no path leads: keys that a path cannot say, values of maps. */
  readonly paths: readonly string[];
}

/** Every place without fields or elements, and every place that is held as text as a whole. */
export function listPlaces(paths: readonly string[], shape: JsonShape): JsonPlace[] {
  if (isJsonText(shape)) return [{ shape, paths }];
  if (shape.values !== undefined) return listPlaces([], shape.values);
  if (shape.element !== undefined)
    return listPlaces(
      paths.map((path) => `${path}[*]`),
      shape.element,
    );
  if (shape.fields !== undefined) {
    return Array.from(shape.fields, ([key, field]) => listPlaces(extend(paths, key), field)).flat();
  }
  return [{ shape, paths }];
}

/** The path of a key at the top of a document. */
export function pathsOfKeys(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => extend(["$"], key));
}

/** SQL over `doc`: the list of texts, or other facts, of all values at the place; `null` where a document has none. */
export function valuesSql(paths: readonly string[], what: "json_extract_string" | "json_type"): string {
  const lists = paths.map((path) => {
    const value = `${what}(doc, ${quoteLiteral(path)})`;
    return path.includes("[*]") ? value : `[${value}]`;
  });
  return lists.length === 1 ? (lists[0] ?? "") : `list_concat(${lists.join(", ")})`;
}

function extend(paths: readonly string[], key: string): string[] {
  // a path has no way to write these
  if (key === "" || /["\\*]/.test(key)) return [];
  return paths.map((path) => `${path}."${key}"`);
}

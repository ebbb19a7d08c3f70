// Describes the shape of JSON values, merged over all documents: the kinds of scalars, the keys and the elements that
// each place holds.

/** Kinds of values that are no object, array or `null`. */
export type JsonScalar = "boolean" | "integer" | "number" | "text";

/** A place in documents, such as `home.city` or `items[]`. */
export interface JsonShape {
  readonly scalars: Set<JsonScalar>;
  /** Keys in the order in which they came first; present when an object was there. */
  fields?: Map<string, JsonShape>;
  /** Present when an array was there. */
  element?: JsonShape;
  /** The values of an object with so many keys that they are data; takes the place of `fields`. */
  values?: JsonShape;
  /** The engine does not tell what is there: an empty object, or different kinds within one array. */
  isUnclear?: boolean;
  /** What looking at all values has found them to be. */
  type?: string;
  /** Type of numbers in the table that the rows go to, to be taken when it holds them all. */
  wanted?: string;
}

export function createShape(): JsonShape {
  return { scalars: new Set() };
}

/**
 * Adds what the engine's `json_structure` says of one document, already parsed.
 * @param isInArray whether the place is below an array, where the engine calls different kinds `JSON`
 */
export function addStructure(shape: JsonShape, structure: unknown, isInArray = false): void {
  if (Array.isArray(structure)) {
    shape.element ??= createShape();
    addStructure(shape.element, structure[0], true);
    return;
  }
  if (typeof structure === "object" && structure !== null) {
    shape.fields ??= new Map();
    for (const [key, value] of Object.entries(structure)) addStructure(fieldOf(shape.fields, key), value, isInArray);
    return;
  }
  if (structure === "JSON" && !isInArray) shape.fields ??= new Map();
  else if (structure === "JSON") shape.isUnclear = true;
  const scalar = scalars[String(structure)];
  if (scalar !== undefined) shape.scalars.add(scalar);
}

/** Adds all that another place holds. */
export function addShape(shape: JsonShape, other: JsonShape): void {
  for (const scalar of other.scalars) shape.scalars.add(scalar);
  if (other.isUnclear === true) shape.isUnclear = true;
  if (other.element !== undefined) addShape((shape.element ??= createShape()), other.element);
  if (other.values !== undefined) addShape((shape.values ??= createShape()), other.values);
  if (other.fields === undefined) return;
  shape.fields ??= new Map();
  for (const [key, value] of other.fields) addShape(fieldOf(shape.fields, key), value);
}

/** An object with more keys than this is taken for a map, whose keys are data. */
const maxKeys = 200;

/** Turns the fields of objects below the top that have too many keys into `values`. */
export function findMaps(shape: JsonShape): void {
  for (const child of childrenOf(shape)) {
    findMaps(child);
    if (child.fields === undefined || child.fields.size <= maxKeys) continue;
    child.values = createShape();
    for (const value of child.fields.values()) addShape(child.values, value);
    delete child.fields;
  }
}

/** What is directly below a place. */
export function childrenOf(shape: JsonShape): JsonShape[] {
  const below = [shape.element, shape.values].filter((child) => child !== undefined);
  return [...(shape.fields?.values() ?? []), ...below];
}

/** Tells whether a place holds JSON of several kinds, for which there is no type but its text. */
export function isJsonText({ scalars: found, fields, element, values, isUnclear }: JsonShape): boolean {
  const kinds = [found.size > 0, fields !== undefined, element !== undefined, values !== undefined];
  return isUnclear === true || fields?.size === 0 || kinds.filter(Boolean).length > 1;
}

function fieldOf(fields: Map<string, JsonShape>, key: string): JsonShape {
  const found = fields.get(key) ?? createShape();
  fields.set(key, found);
  return found;
}

/** The engine's names of kinds; whole numbers of more than 64 bits are a `DOUBLE` to it. */
export const scalars: Readonly<Record<string, JsonScalar | undefined>> = {
  BOOLEAN: "boolean",
  UBIGINT: "integer",
  BIGINT: "integer",
  HUGEINT: "number",
  DOUBLE: "number",
  VARCHAR: "text",
};

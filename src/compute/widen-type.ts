// Decides which type holds every value of two others, so that no digit, field or fraction of a second is lost.
import {
  type EngineField,
  type EngineScalar,
  type EngineType,
  parseEngineType,
  printEngineType,
  untyped,
} from "./engine-type.ts";

/**
 * Tells whether every value of `from` is a value of `to` with nothing lost, so that the engine's own cast may be used.
 * A struct may gain fields, which are then null; it never loses one, though the engine's cast would drop it in silence.
 */
export function isWidening(from: string, to: string): boolean {
  return fits(parseEngineType(from), parseEngineType(to));
}

/** The narrowest type that holds every value of both; `undefined` when none but text does. */
export function unifyTypes(a: string, b: string): string | undefined {
  const found = unify(parseEngineType(a), parseEngineType(b));
  return found === undefined ? undefined : printEngineType(found);
}

function fits(from: EngineType, to: EngineType): boolean {
  if (printEngineType(from) === printEngineType(to) || printEngineType(from) === untyped) return true;
  if (from.kind === "list" && to.kind === "list") {
    return (to.length === undefined || to.length === from.length) && fits(from.element, to.element);
  }
  if (from.kind === "map" && to.kind === "map") return fits(from.key, to.key) && fits(from.value, to.value);
  if (from.kind === "struct" && to.kind === "struct") {
    return from.fields.every((field) => {
      const match = findField(to.fields, field.name);
      return match !== undefined && fits(field.type, match.type);
    });
  }
  return from.kind === "scalar" && to.kind === "scalar" && fitsScalar(from, to);
}

function fitsScalar(from: EngineScalar, to: EngineScalar): boolean {
  if (from.arguments.length === 0 && widerTypes[from.name]?.includes(to.name) === true) return true;
  const [source, target] = [exactDigits(from), exactDigits(to)];
  if (source === undefined) return false;
  if (to.name !== "DECIMAL") return source.scale === 0 && source.whole <= (safeDigits[to.name] ?? 0);
  return target !== undefined && target.scale >= source.scale && target.whole >= source.whole;
}

/** The engine does not tell upper from lower case in the names of fields. */
function findField(fields: readonly EngineField[], name: string | undefined): EngineField | undefined {
  const wanted = name?.toLowerCase();
  return wanted === undefined ? undefined : fields.find((field) => field.name?.toLowerCase() === wanted);
}

function unify(a: EngineType, b: EngineType): EngineType | undefined {
  if (fits(a, b)) return b;
  if (fits(b, a)) return a;
  if (a.kind === "list" && b.kind === "list") {
    const element = unify(a.element, b.element);
    return element && { kind: "list", element };
  }
  if (a.kind === "map" && b.kind === "map") {
    const [key, value] = [unify(a.key, b.key), unify(a.value, b.value)];
    return key && value && { kind: "map", key, value };
  }
  if (a.kind === "struct" && b.kind === "struct") return unifyStructs(a.fields, b.fields);
  return a.kind === "scalar" && b.kind === "scalar" ? unifyNumbers(a, b) : undefined;
}

function unifyStructs(a: readonly EngineField[], b: readonly EngineField[]): EngineType | undefined {
  const fields: EngineField[] = [];
  for (const field of a) {
    const match = findField(b, field.name);
    const type = match === undefined ? field.type : unify(field.type, match.type);
    if (type === undefined || field.name === undefined) return undefined;
    fields.push({ name: field.name, type });
  }
  const added = b.filter(({ name }) => findField(a, name) === undefined);
  return added.every(({ name }) => name !== undefined) ? { kind: "struct", fields: [...fields, ...added] } : undefined;
}

function unifyNumbers(a: EngineScalar, b: EngineScalar): EngineType | undefined {
  const integer = ["SMALLINT", "INTEGER", "BIGINT", "HUGEINT"]
    .map((name): EngineScalar => ({ kind: "scalar", name, arguments: [] }))
    .find((type) => fitsScalar(a, type) && fitsScalar(b, type));
  if (integer !== undefined) return integer;
  const [first, second] = [exactDigits(a), exactDigits(b)];
  if (first === undefined || second === undefined) return undefined;
  const scale = Math.max(first.scale, second.scale);
  const precision = Math.max(first.whole, second.whole) + scale;
  if (precision > 38) return undefined;
  return { kind: "scalar", name: "DECIMAL", arguments: [String(precision), String(scale)] };
}

/** Digits before and after the point of a number that is no float. */
function exactDigits({ name, arguments: found }: EngineScalar): { whole: number; scale: number } | undefined {
  if (name === "DECIMAL") return { whole: Number(found[0]) - Number(found[1]), scale: Number(found[1]) };
  const whole = integerDigits[name];
  return whole === undefined ? undefined : { whole, scale: 0 };
}

const widerTypes: Readonly<Record<string, readonly string[]>> = {
  TINYINT: ["SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"],
  SMALLINT: ["INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"],
  INTEGER: ["BIGINT", "HUGEINT", "DOUBLE"],
  BIGINT: ["HUGEINT"],
  UTINYINT: ["USMALLINT", "UINTEGER", "UBIGINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"],
  USMALLINT: ["UINTEGER", "UBIGINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"],
  UINTEGER: ["UBIGINT", "BIGINT", "HUGEINT", "DOUBLE"],
  UBIGINT: ["HUGEINT"],
  FLOAT: ["DOUBLE"],
  DATE: ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"],
  TIMESTAMP_S: ["TIMESTAMP_MS", "TIMESTAMP"],
  TIMESTAMP_MS: ["TIMESTAMP"],
};

/** Digits that every whole number of so many has room for in these types. */
const safeDigits: Readonly<Record<string, number>> = { TINYINT: 2, SMALLINT: 4, INTEGER: 9, BIGINT: 18, HUGEINT: 38 };

const integerDigits: Readonly<Record<string, number>> = {
  TINYINT: 3,
  UTINYINT: 3,
  SMALLINT: 5,
  USMALLINT: 5,
  INTEGER: 10,
  UINTEGER: 10,
  BIGINT: 19,
  UBIGINT: 20,
};

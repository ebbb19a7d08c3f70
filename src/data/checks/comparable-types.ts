// Decides which engine types a check may compare. The engine would cast values of different kinds to each other row by
// row, and a value that cannot be cast would end the run with an error of the engine that names no check.
import { isSameType, parseEngineType } from "../../compute/engine-type.ts";

type Family = "number" | "text" | "time";

/** Tells whether every value of one type can be compared with every value of the other. */
export function areComparable(first: string, second: string): boolean {
  const family = familyOf(first);
  return isSameType(first, second) || (family !== undefined && family === familyOf(second));
}

/** Tells whether the type is one of numbers. */
export function isNumeric(type: string): boolean {
  return familyOf(type) === "number";
}

/** Tells whether the type is a date or a timestamp. */
export function isInstant(type: string): boolean {
  return familyOf(type) === "time";
}

/** Tells whether the type has a value that is not a number, which no bound holds. */
export function hasNaN(type: string): boolean {
  return isSameType(type, "FLOAT") || isSameType(type, "DOUBLE");
}

function familyOf(text: string): Family | undefined {
  const type = parseEngineType(text);
  if (type.kind !== "scalar") return undefined;
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|FLOAT|DOUBLE|BIGNUM)$/.test(type.name)) return "number";
  if (/^(VARCHAR|ENUM)$/.test(type.name)) return "text";
  return /^(DATE$|TIMESTAMP)/.test(type.name) ? "time" : undefined;
}

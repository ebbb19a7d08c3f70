// From what the values of a column have in common to the type that holds them, each with all of its digits.
import type { TextProfile } from "./csv-profile.ts";

/** @param tableType type of the table's column that the values go to; it is taken where it holds every value as it is */
export function typeOfTexts(profile: TextProfile, tableType?: string): string {
  if (tableType === "VARCHAR") return tableType;
  if (profile.kind === undefined) return tableType ?? "VARCHAR";
  switch (profile.kind) {
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "DATE";
    case "timestamp":
      return (profile.form ?? "").length > 1 ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
    case "number":
      return tableType !== undefined && holdsNumbers(tableType, profile) ? tableType : numberType(profile);
    case "text":
      return "VARCHAR";
  }
}

/** Tells whether each number, its fraction aside, is one of at most so many digits. */
export function hasWholeDigits({ lowest, highest }: TextProfile, digits: number): boolean {
  const limit = 10n ** BigInt(digits);
  return highest < limit && -lowest < limit;
}

/** Precisions of decimals: a few, so that the deliveries of two days seldom differ. To 15 digits every target has numbers. */
const precisions: readonly number[] = [15, 18, 38];

function numberType(profile: TextProfile): string {
  const { scale } = profile;
  if (scale === 0 && holdsWhole("BIGINT", profile)) return "BIGINT";
  // a zero before the point takes a digit here, so that the next day may bring a one
  const precision = precisions.find((known) => known > scale && hasWholeDigits(profile, known - scale));
  if (scale === 0) return precision === undefined ? "VARCHAR" : "DECIMAL(38,0)";
  return precision === undefined ? "VARCHAR" : `DECIMAL(${precision},${scale})`;
}

function holdsNumbers(type: string, profile: TextProfile): boolean {
  if (type === "DOUBLE") return profile.isDouble;
  if (type === "FLOAT") return profile.isFloat;
  const [, precision, decimals] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (precision === undefined) return profile.digitsBehind === 0 && holdsWhole(type, profile);
  const whole = Number(precision) - Number(decimals);
  return profile.digitsBehind <= Number(decimals) && hasWholeDigits(profile, whole);
}

/** Bits of whole numbers. */
const bits: Readonly<Record<string, bigint>> = { TINYINT: 8n, SMALLINT: 16n, INTEGER: 32n, BIGINT: 64n, HUGEINT: 128n };

/** Tells whether the type is one of whole numbers, and has all from the lowest to the highest. */
function holdsWhole(type: string, { lowest, highest }: TextProfile): boolean {
  if (type === "BIGNUM") return true;
  const size = bits[type];
  if (size !== undefined) return lowest >= -(1n << (size - 1n)) && highest < 1n << (size - 1n);
  const unsigned = type.startsWith("U") ? bits[type.slice(1)] : undefined;
  return unsigned !== undefined && lowest === 0n && highest < 1n << unsigned;
}

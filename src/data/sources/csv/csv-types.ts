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

/** Precisions of decimals: a few, so that the deliveries of two days seldom differ. To 15 digits every target has numbers. */
const precisions: readonly number[] = [15, 18, 38];

function numberType({ wholeDigits, scale, isBigint }: TextProfile): string {
  if (scale === 0 && isBigint) return "BIGINT";
  const digits = wholeDigits + scale;
  const precision = scale === 0 ? 38 : precisions.find((known) => known >= digits);
  return precision === undefined || precision < digits ? "VARCHAR" : `DECIMAL(${precision},${scale})`;
}

/** Digits that any value of the type may have. */
const integerDigits: Readonly<Record<string, number>> = { TINYINT: 2, SMALLINT: 4, INTEGER: 9, HUGEINT: 38 };

function holdsNumbers(type: string, { wholeDigits, scale, isBigint, isDouble }: TextProfile): boolean {
  if (type === "DOUBLE") return isDouble;
  if (type === "BIGINT") return scale === 0 && isBigint;
  const [, precision, decimals] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (precision !== undefined) return scale <= Number(decimals) && wholeDigits <= Number(precision) - Number(decimals);
  const digits = integerDigits[type];
  return digits !== undefined && scale === 0 && wholeDigits <= digits;
}

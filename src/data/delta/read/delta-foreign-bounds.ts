// Decides how far to trust bounds that another writer put into the log. Writers hold numbers as doubles and cut texts
// and instants, so a bound counts only as far as it is no narrower than the values, whoever wrote it.
import type { DeltaType } from "../schema/delta-schema.ts";

/** A bound of a column in a file, as SQL. */
export interface ForeignBound {
  readonly type: DeltaType;
  readonly side: "min" | "max";
  /** As a value of the column; NULL for a text that is none. */
  readonly value: string;
  /** As it stands in the log. */
  readonly text: string;
}

/** SQL of a bound that holds all values of the file, NULL where there is none that surely does. */
export function foreignBound({ type, side, value, text }: ForeignBound): string {
  if (typeof type !== "string") return "NULL";
  const digits = /^decimal\((\d+),\s*(\d+)\)$/i.exec(type);
  if (digits !== null) return exactDecimal(value, Number(digits[1]), Number(digits[2]));
  switch (type) {
    case "boolean":
    case "byte":
    case "short":
    case "integer":
      return value;
    case "long":
      return when(`${value} BETWEEN -${largestExact} AND ${largestExact}`, value);
    case "string":
      // A minimum that was cut is still the smaller one. A maximum needs a last character that sorts after all others,
      // which writers do not agree on.
      return side === "min" ? value : when(`length(${value}) < ${shortestCut}`, value);
    case "date":
      return when(`regexp_full_match(${text}, '\\d{4}-\\d\\d-\\d\\d')`, value); // years beyond have several forms
    case "timestamp":
    case "timestamp_ntz":
      // Milliseconds are what most keep, and not all round them down before 1970.
      return `(${value} ${side === "min" ? "-" : "+"} INTERVAL 1 MILLISECOND)`;
    default:
      // A NaN is greater than every bound that others give, and a parser may miss a double by its last bit.
      return "NULL";
  }
}

/** Greater integers share a double with others. */
const largestExact = Number.MAX_SAFE_INTEGER;

/** Digits of which a double keeps every one. */
const exactDigits = 15;

/** Spark cuts texts to so many characters, and others to more. */
const shortestCut = 32;

function exactDecimal(value: string, precision: number, scale: number): string {
  if (precision <= exactDigits) return value;
  const all = "9".repeat(exactDigits).padStart(scale + 1, "0");
  const limit = scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`;
  return when(`abs(${value}) <= CAST('${limit}' AS DECIMAL(${precision},${scale}))`, value);
}

function when(condition: string, value: string): string {
  return `CASE WHEN ${condition} THEN ${value} END`;
}

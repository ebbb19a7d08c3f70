// Casts that lose nothing without being noticed: the engine rounds `1.5` to 2 and takes 7 for true.
import { parseEngineType, printEngineType } from "./engine-type.ts";

/** A cast, and whether it holds the value. */
export interface ExactCast {
  /** SQL of the value in the other type; NULL where it has none. */
  readonly cast: string;
  /** SQL that is true where the cast is the value, and for NULL; never NULL itself. */
  readonly fits: string;
}

const whole = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM)$/;
const number = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM|DOUBLE|FLOAT|DECIMAL\(.*)$/;
/** What two numbers are compared in, where one of them may be text. */
const exact = "DECIMAL(38,18)";

/**
 * @param value SQL of a value of type `from`
 * @param to a type as the engine prints it
 */
export function castExactly(value: string, from: string, to: string): ExactCast {
  if (from === to) return { cast: value, fits: "true" };
  const cast = `TRY_CAST(${value} AS ${to})`;
  const isHeld = `${cast} IS NOT NULL`;
  const loss = lossOf(value, cast, from, to);
  const fits = loss === undefined ? isHeld : `(${isHeld} AND ${loss})`;
  return { cast, fits: `(${value} IS NULL OR ${fits})` };
}

/** The same for values that must also come back as they were, such as the time of a day. */
export function castBack(value: string, from: string, to: string): ExactCast {
  const { cast, fits } = castExactly(value, from, to);
  if (fits === "true" || from === "VARCHAR" || number.test(from)) return { cast, fits };
  return { cast, fits: `(${fits} AND TRY_CAST(${cast} AS ${from}) IS NOT DISTINCT FROM ${value})` };
}

/** The canonical text of a type. */
export function canonicalType(text: string): string {
  return printEngineType(parseEngineType(text));
}

/** SQL that is true where nothing is lost, of a value that the type has. */
function lossOf(value: string, cast: string, from: string, to: string): string | undefined {
  if (to === "BOOLEAN" && number.test(from)) return `${value} IN (0, 1)`;
  const isWhole = whole.test(to);
  if (!isWhole && !to.startsWith("DECIMAL(")) return undefined;
  if (from === "DOUBLE" || from === "FLOAT") {
    // a double has no decimal digits of its own, so that a decimal rounds it
    return isWhole ? `${value} = CAST(${cast} AS ${from})` : undefined;
  }
  if (from !== "VARCHAR" && !from.startsWith("DECIMAL(")) return undefined;
  const compare = (type: string): string => `TRY_CAST(${value} AS ${type}) = TRY_CAST(${cast} AS ${type})`;
  const isSameNumber = `coalesce(${compare(exact)}, ${compare("DOUBLE")}, true)`;
  // most texts are written as the engine writes them, which costs a fraction to find out
  return from === "VARCHAR"
    ? `CASE WHEN CAST(${cast} AS VARCHAR) = ${value} THEN true ELSE ${isSameNumber} END`
    : isSameNumber;
}

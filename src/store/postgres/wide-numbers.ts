// Numbers of 64 bits, which the driver leaves as text.
import pg from "pg";

// Type ids of int8 and numeric, which the driver leaves as text.
const wideNumbers: ReadonlySet<number> = new Set([20, 1700]);

const getTypeParser: typeof pg.types.getTypeParser = ((id: number, format?: "text" | "binary") =>
  wideNumbers.has(id) ? parseWide : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser;

/** Type parsers that read int8 as a number. */
export const parseWideNumbers: { getTypeParser: typeof pg.types.getTypeParser } = { getTypeParser };

function parseWide(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`number is too great: ${text}`);
  return value;
}

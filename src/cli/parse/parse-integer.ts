// Options that are whole numbers: how many, which version, which port.
import { MillraceError } from "../../core/errors/errors.ts";

export interface IntegerRange {
  /** Default 1. */
  readonly least?: number;
  /** Default: as far as numbers are exact. */
  readonly most?: number;
}

/** @throws MillraceError `USAGE_INVALID` with the text as it was typed */
export function parseInteger(option: string, text: string, { least = 1, most }: IntegerRange = {}): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER)) return value;
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new MillraceError("USAGE_INVALID", `expected \`${option}\` to be an integer ${range}, got: \`${text}\``);
}

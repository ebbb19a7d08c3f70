// What no format of text can hold.
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import type { ValueLimit } from "../target.ts";

/** Readers of dates in text know no year before the first. */
export function listYearLimits({ name, type }: Column): ValueLimit[] {
  if (!/^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/.test(type)) return [];
  const column = quoteIdentifier(name);
  const breaks = `(isfinite(${column}) AND year(${column}) < 1)`;
  return [{ column: name, breaks, what: "a year before the first", hint: "replace it in the query" }];
}

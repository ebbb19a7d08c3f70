// The `--slots` option of the commands that execute runs.
import { parseInteger } from "./parse-integer.ts";

/** @throws MillraceError `USAGE_INVALID` */
export function parseSlots(text: string | undefined, least: 0 | 1 = 1): number | undefined {
  return text === undefined ? undefined : parseInteger("--slots", text, { least, most: 1_000 });
}

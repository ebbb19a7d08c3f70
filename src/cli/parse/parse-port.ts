// The `--port` option of the commands that serve.
import { parseInteger } from "./parse-integer.ts";

/** @throws MillraceError `USAGE_INVALID` */
export function parsePort(text: string): number {
  return parseInteger("--port", text, { least: 0, most: 65_535 });
}

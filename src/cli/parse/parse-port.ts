// The `--port` option of the commands that serve.
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `USAGE_INVALID` */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new MillraceError("USAGE_INVALID", `expected \`--port\` to be an integer from 0 to 65535, got: \`${text}\``);
}

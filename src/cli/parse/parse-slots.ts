// The `--slots` option of the commands that execute runs.
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `USAGE_INVALID` */
export function parseSlots(text: string | undefined, least: 0 | 1 = 1): number | undefined {
  if (text === undefined) return undefined;
  const slots = Number(text);
  if (/^\d+$/.test(text) && slots >= least && slots <= 1_000) return slots;
  throw new MillraceError(
    "USAGE_INVALID",
    `expected \`--slots\` to be an integer from ${least} to 1000, got: \`${text}\``,
  );
}

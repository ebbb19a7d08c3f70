// Sizes as people write them: a number and a unit.
import { MillraceError } from "./errors/errors.ts";

/** A number with a unit, such as `"512MB"` or `"2 GiB"`. */
export type Size = string;

/** Matches a size. */
export const sizePattern: RegExp = /^(\d+(?:\.\d+)?)\s?([KMGT])(i?)B$/;

/** Bytes of a size: `1KB` has 1,000 and `1KiB` has 1,024. @throws MillraceError `VALUE_INVALID` */
export function parseSize(size: Size): number {
  const [, amount, prefix = "", binary] = sizePattern.exec(size) ?? [];
  if (amount === undefined)
    throw new MillraceError("VALUE_INVALID", `expected a size such as \`2GB\`, got: \`${size}\``);
  return Math.round(Number(amount) * (binary === "i" ? 1024 : 1000) ** ("KMGT".indexOf(prefix) + 1));
}

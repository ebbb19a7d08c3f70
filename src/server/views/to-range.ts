// Ranges of time that a query leaves open: ends filled in, and too long ones refused.
import type { Instant } from "../../api/page.ts";
import { requestInvalid } from "../request-invalid.ts";
import { toMs } from "./to-instant.ts";

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RangeText {
  readonly from: Instant | undefined;
  readonly to: Instant | undefined;
}

export interface RangeRules {
  /** What stands for an end that is left out. */
  readonly defaults: Range;
  readonly longestMs: number;
  /** What the query calls the ends. */
  readonly names: readonly [from: string, to: string];
}

/** Half-open. @throws MillraceError `REQUEST_INVALID` unless it begins before it ends and is short enough */
export function toRange({ from, to }: RangeText, { defaults, longestMs, names: [first, last] }: RangeRules): Range {
  const fromMs = toMs(from) ?? defaults.fromMs;
  const range = { fromMs, toMs: toMs(to) ?? Math.max(defaults.toMs, fromMs + 1) };
  if (range.fromMs >= range.toMs) {
    throw requestInvalid({ path: `query.${last}`, message: `expected an instant after \`${first}\`` });
  }
  if (range.toMs - range.fromMs > longestMs) {
    const days = Math.floor(longestMs / 86_400_000);
    throw requestInvalid({ path: `query.${first}`, message: `expected a range of at most ${days} days` });
  }
  return range;
}

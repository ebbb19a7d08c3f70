// Judges how young the newest value of a time column is. A value later than now says nothing about when rows came, so it fails.
import { formatDuration } from "../../core/duration.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** SQL of the instant of a column, in milliseconds; an infinite value becomes one that is later than any clock. */
export function instantSql(column: string): string {
  const latest = "9223372036854775807";
  // -infinity is before everything and so is never the newest value
  return `CASE WHEN isfinite(${column}) THEN epoch_ms(CAST(${column} AS TIMESTAMP WITH TIME ZONE))
    WHEN ${column} > DATE '1970-01-01' THEN ${latest} END`;
}

/**
 * How far after now a value may lie. Clocks of two machines differ by minutes; a date, or a time without zone, may be
 * the one of a place where the day began up to 14 hours earlier.
 */
export function futureMarginMs(type: string): number {
  return type === "TIMESTAMP WITH TIME ZONE" ? 5 * minuteMs : dayMs;
}

export interface FreshnessRule {
  readonly column: string;
  readonly withinMs: number;
  readonly futureMarginMs: number;
}

/** Tells whether the newest value is within the limit and no value is in the future, and what was expected. */
export function judgeFreshness(
  { column, withinMs, futureMarginMs: marginMs }: FreshnessRule,
  newestMs: unknown,
  nowMs: number,
): { readonly passed: boolean; readonly detail: string } {
  const limit = formatDuration(withinMs);
  if (newestMs === null || newestMs === undefined) {
    return { passed: false, detail: `expected a \`${column}\` within ${limit}, got none` };
  }
  const ageMs = nowMs - Number(newestMs);
  if (ageMs < -marginMs) {
    const margin = formatDuration(marginMs);
    return { passed: false, detail: `expected no \`${column}\` more than ${margin} after now, the newest is later` };
  }
  const age = formatDuration(Math.floor(Math.max(0, ageMs) / 1_000) * 1_000);
  const detail = `expected the newest \`${column}\` to be at most ${limit} old, it is ${age} old`;
  return { passed: ageMs <= withinMs, detail };
}

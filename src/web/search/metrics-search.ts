// Parses the address of the metrics: the job, the range (a length up to now, or two instants) and the form.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export const metricRanges = ["1h", "24h", "7d", "30d"] as const;

export type MetricRange = (typeof metricRanges)[number];

export interface MetricsSearch {
  readonly job?: string | undefined;
  /** Up to now; `since` and `until` are stronger. */
  readonly range?: MetricRange | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly as?: "table" | undefined;
}

export function parseMetricsSearch(raw: RawSearch): MetricsSearch {
  return {
    job: readText(raw, "job"),
    range: readOneOf(raw, "range", metricRanges),
    since: readInstant(raw, "since"),
    until: readInstant(raw, "until"),
    as: readOneOf(raw, "as", ["table"]),
  };
}

/** The instants of a range; those up to now move on once a minute, so that answers can be cached. */
export function boundsOf(search: MetricsSearch, nowMs: number): { readonly since: string; readonly until?: string } {
  if (search.since !== undefined) {
    return { since: search.since, ...(search.until === undefined ? {} : { until: search.until }) };
  }
  const minuteMs = Math.floor(nowMs / 60_000) * 60_000;
  return { since: new Date(minuteMs - rangeMs[search.range ?? "24h"]).toISOString() };
}

const rangeMs: Readonly<Record<MetricRange, number>> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
};

function readInstant(raw: RawSearch, name: string): string | undefined {
  const text = readText(raw, name);
  const atMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString();
}

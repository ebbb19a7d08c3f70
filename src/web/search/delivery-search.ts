// Parses the address of the delivery screen: whose figures, of which period, compared with what.
import { benchmarkYears, type DoraMetric, doraMetrics } from "../../core/delivery/dora-metrics.ts";
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export const deliveryRanges = ["13", "26", "52", "104"] as const;

export interface DeliverySearch {
  readonly service?: string | undefined;
  readonly period?: "month" | undefined;
  /** How many of the newest periods. */
  readonly range?: (typeof deliveryRanges)[number] | undefined;
  /** Begin of the period that is shown. */
  readonly at?: string | undefined;
  readonly metric?: DoraMetric | undefined;
  readonly benchmark?: (typeof benchmarkYears)[number] | undefined;
  readonly as?: "table" | undefined;
}

export function parseDeliverySearch(raw: RawSearch): DeliverySearch {
  const at = readText(raw, "at");
  return {
    service: readText(raw, "service"),
    period: readOneOf(raw, "period", ["month"]),
    range: readOneOf(raw, "range", deliveryRanges),
    at: at === undefined || Number.isNaN(Date.parse(at)) ? undefined : new Date(at).toISOString(),
    metric: readOneOf(raw, "metric", doraMetrics),
    benchmark: readOneOf(raw, "benchmark", benchmarkYears),
    as: readOneOf(raw, "as", ["table"]),
  };
}

// Business figures on the terminal: what runs recorded, and what is expected of them.
import type { JobMetric, MetricValue } from "../../api/figure.ts";
import { describeBounds, formatMetricName } from "../../core/metric/metric.ts";
import { formatWhen } from "./format-time.ts";
import { formatTable, type TableColumn } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What one run recorded; nothing when that is nothing. */
export function printRunMetrics(terminal: Terminal, metrics: readonly MetricValue[]): void {
  if (metrics.length === 0) return;
  const columns = [{ title: "METRIC", shrink: true }, { title: "VALUE", align: "right" }, { title: "" }] as const;
  terminal.out();
  const rows = metrics.map((metric) => [formatMetricName(metric), formatMetric(metric), describeVerdict(metric)]);
  print(terminal, columns, rows);
}

/** Figures of a job with their thresholds and newest values. */
export function printJobMetrics(terminal: Terminal, items: readonly JobMetric[], nowMs: number): void {
  const columns = [
    { title: "METRIC", shrink: true },
    { title: "VALUE", align: "right" },
    { title: "EXPECTED" },
    { title: "RUN" },
    { title: "WHEN" },
    { title: "" },
  ] as const;
  const rows = items.flatMap((item) => {
    const expected = describeBounds({ min: item.min ?? undefined, max: item.max ?? undefined });
    if (item.newest.length === 0) return [[item.name, "", expected, "", "never", ""]];
    return item.newest.map((metric) => [
      formatMetricName(metric),
      formatMetric(metric),
      expected,
      metric.run_id,
      formatWhen(Date.parse(metric.at), nowMs),
      describeVerdict(metric),
    ]);
  });
  print(terminal, columns, rows);
}

/** Values of one figure, newest first. */
export function printMetricHistory(terminal: Terminal, items: readonly MetricValue[], nowMs: number): void {
  const columns = [
    { title: "RUN" },
    { title: "WHEN" },
    { title: "VALUE", align: "right" },
    { title: "LABELS", shrink: true },
    { title: "" },
  ] as const;
  const rows = items.map((metric) => [
    metric.run_id,
    formatWhen(Date.parse(metric.at), nowMs),
    formatMetric(metric),
    Object.entries(metric.labels)
      .map(([name, text]) => `${name}=${text}`)
      .join(" "),
    describeVerdict(metric),
  ]);
  print(terminal, columns, rows);
}

// All digits that a number has: it is somebody's money.
function formatMetric({ value, unit }: MetricValue): string {
  const text = value.toLocaleString("en-US", { maximumSignificantDigits: 15 });
  return unit === null ? text : `${text} ${unit}`;
}

function describeVerdict({ breach }: MetricValue): string {
  if (breach === null) return "";
  return breach === "fail" ? "outside, failed the run" : "outside";
}

function print(terminal: Terminal, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

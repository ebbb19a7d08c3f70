// The charts as a table: the same numbers for people who read or hear them, the newest interval first.
import type { ReactElement } from "react";
import { type Metrics } from "../../api/job.ts";
import { Instant } from "../components/values/time.tsx";
import { formatValue } from "./format-value.ts";
import { type MetricChart } from "./metric-charts.ts";

/** Intervals in which nothing happened at all are left out. */
export function MetricTable({
  metrics,
  charts,
}: {
  readonly metrics: Metrics;
  readonly charts: readonly MetricChart[];
}): ReactElement {
  const columns = charts.flatMap((chart) =>
    chart.series.map((series) => ({ key: `${chart.id} ${series.label}`, chart, series })),
  );
  const rows = metrics.times
    .map((time, index) => ({ time, index }))
    .filter(({ index }) => columns.some(({ series }) => (series.values[index] ?? 0) !== 0))
    .toReversed();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Metrics as a table">
      <table className="plain">
        <caption className="only-read">Metrics by interval, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {columns.map(({ key, chart, series }) => (
              <th key={key} scope="col" data-align="end">
                {chart.series.length > 1 || chart.title === series.label
                  ? `${chart.title}, ${series.label}`
                  : chart.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, index }) => (
            <tr key={time}>
              <th scope="row">
                <Instant at={time} precision="minute" />
              </th>
              {columns.map(({ key, chart, series }) => (
                <td key={key} className="number" data-align="end">
                  {formatValue(series.values[index], chart.unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// The charts as a table: the same numbers for people who read or hear them, the newest interval first.
import type { ReactElement } from "react";
import { type Metrics } from "../../api/job.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
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
  const columns: readonly Column<Interval>[] = [
    { header: "From", cell: ({ time }) => <Instant at={time} precision="minute" /> },
    ...charts.flatMap(toColumns),
  ];
  const values = charts.flatMap(({ series }) => series);
  const rows = metrics.times
    .map((time, index) => ({ time, index }))
    .filter(({ index }) => values.some((series) => (series.values[index] ?? 0) !== 0))
    .toReversed();
  return (
    <DataTable
      kind="matrix"
      label="Metrics by interval, the newest first"
      columns={columns}
      rows={rows}
      idOf={({ time }) => String(time)}
    />
  );
}

interface Interval {
  readonly time: Metrics["times"][number];
  readonly index: number;
}

function toColumns({ title, unit, series }: MetricChart): readonly Column<Interval>[] {
  return series.map(({ label, values }) => ({
    header: series.length > 1 || title === label ? `${title}, ${label}` : title,
    align: "end",
    cell: ({ index }) => formatValue(values[index], unit),
  }));
}

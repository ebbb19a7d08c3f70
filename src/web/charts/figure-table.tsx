// Values of business figures as a table: of one figure by run, or of one run by figure.
import type { ReactElement } from "react";
import type { MetricValue } from "../../api/figure.ts";
import { formatMetricName } from "../../core/metric/metric.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon } from "../components/values/icon.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { Nothing, RelativeTime } from "../components/values/time.tsx";

export interface FigureTableProps {
  readonly label: string;
  readonly values: readonly MetricValue[];
  /** Whether all values are of one run, so that their names tell them apart. Default false. */
  readonly isOfRun?: boolean;
}

export function FigureTable({ label, values, isOfRun = false }: FigureTableProps): ReactElement {
  return (
    <DataTable
      label={label}
      columns={isOfRun ? [nameColumn, ...valueColumns] : [runColumn, whenColumn, ...valueColumns]}
      rows={values}
      idOf={(value) => `${value.run_id} ${formatMetricName(value)}`}
    />
  );
}

/** All digits that a number has. */
export function formatFigure(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 15 });
}

const nameColumn: Column<MetricValue> = { header: "Figure", cell: (value) => <code>{formatMetricName(value)}</code> };

const runColumn: Column<MetricValue> = { header: "Run", cell: ({ run_id: runId }) => <RunLink runId={runId} /> };

const whenColumn: Column<MetricValue> = { header: "When", cell: ({ at }) => <RelativeTime at={at} /> };

const valueColumns: readonly Column<MetricValue>[] = [
  {
    header: "Value",
    align: "end",
    cell: ({ value, unit }) => (
      <span className="number">
        {formatFigure(value)} {unit}
      </span>
    ),
  },
  {
    header: "Verdict",
    cell: ({ breach }) =>
      breach === null ? (
        <Nothing text="within" />
      ) : (
        <span className="state state-plain" data-tone={breach === "fail" ? "bad" : "warn"}>
          <Icon name="warning" size={14} />
          {breach === "fail" ? "outside, failed the run" : "outside"}
        </span>
      ),
  },
];

// Figures as tables: one by period, which says what its chart says, and all of a period.
import type { ReactElement } from "react";
import type { Delivery, DeliveryFigure } from "../../api/delivery/delivery.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Nothing } from "../components/values/time.tsx";
import { figureNames, formatFigure, formatNumber, formatPeriod } from "./figure-words.ts";

export function PeriodTable({
  delivery,
  metric,
}: {
  readonly delivery: Delivery;
  readonly metric: string;
}): ReactElement {
  const series = delivery.series.find((each) => each.metric === metric);
  const rows = delivery.periods
    .map(({ start_at: start, is_complete: isComplete }, index) => ({
      start,
      isComplete,
      value: series?.values[index] ?? null,
      n: series?.n[index] ?? 0,
    }))
    .toReversed();
  return (
    <DataTable
      kind="matrix"
      label={`${figureNames[metric] ?? metric} by ${delivery.period}`}
      rows={rows}
      idOf={({ start }) => start}
      columns={[
        {
          header: "Period",
          isTitle: true,
          cell: ({ start, isComplete }) => `${formatPeriod(start, delivery.period)}${isComplete ? "" : ", not over"}`,
        },
        {
          header: "Value",
          align: "end",
          cell: ({ value }) => <span className="number">{formatFigure(value, series?.unit ?? "")}</span>,
        },
        { header: "Of", align: "end", cell: ({ n }) => <span className="number">{formatCount(n)}</span> },
      ]}
    />
  );
}

/** What a figure has beside its value is there for times alone. */
export function FigureList({ figures }: { readonly figures: readonly DeliveryFigure[] }): ReactElement {
  return <DataTable kind="matrix" label="All figures" columns={columns} rows={figures} idOf={({ metric }) => metric} />;
}

const columns: readonly Column<DeliveryFigure>[] = [
  { header: "Figure", isTitle: true, cell: ({ metric }) => figureNames[metric] ?? metric },
  {
    header: "Value",
    align: "end",
    cell: ({ value, unit }) => <span className="number">{formatFigure(value, unit)}</span>,
  },
  { header: "75 % below", align: "end", cell: ({ p75, unit }) => <Part value={p75} unit={unit} /> },
  { header: "90 % below", align: "end", cell: ({ p90, unit }) => <Part value={p90} unit={unit} /> },
  { header: "Of", align: "end", cell: ({ n }) => <span className="number">{formatCount(n)}</span> },
  {
    header: "Covered",
    align: "end",
    cell: ({ coverage }) =>
      coverage === null ? <Nothing text="unknown" /> : <span className="number">{formatNumber(coverage * 100)} %</span>,
  },
  {
    header: "Before",
    align: "end",
    cell: ({ before, unit }) => <span className="number">{formatFigure(before, unit)}</span>,
  },
  {
    header: "Ever",
    align: "end",
    cell: ({ overall, unit }) => <span className="number">{formatFigure(overall, unit)}</span>,
  },
];

function Part({ value, unit }: { readonly value: number | null; readonly unit: string }): ReactElement {
  return value === null ? <Nothing text="unknown" /> : <span className="number">{formatFigure(value, unit)}</span>;
}

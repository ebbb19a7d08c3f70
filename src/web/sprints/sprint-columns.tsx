// Columns of the table of sprints, which says what the chart of velocity draws.
import type { Sprint } from "../../api/delivery/sprint.ts";
import type { Column } from "../components/tables/table-props.ts";
import { Instant, Nothing } from "../components/values/time.tsx";
import { formatNumber } from "../delivery/figure-words.ts";

/** @param onPick shows a sprint */
export function sprintColumns(onPick: (sprintId: number) => void): readonly Column<Sprint>[] {
  return [
    {
      header: "Sprint",
      isTitle: true,
      cell: ({ sprint_id: id, name }) => (
        <button type="button" className="button button-quiet" onClick={() => onPick(id)}>
          {name ?? `sprint ${id}`}
        </button>
      ),
    },
    { header: "Began", cell: ({ start_at: at }) => <Instant at={at} precision="minute" /> },
    pointsColumn("Committed", ({ points }) => points.committed),
    pointsColumn("Added", ({ points }) => points.added),
    pointsColumn("Removed", ({ points }) => points.removed),
    pointsColumn("Completed", ({ points }) => points.completed),
    pointsColumn("Carried over", ({ points }) => points.carried_over),
    pointsColumn("Velocity", ({ velocity_points: velocity }) => velocity),
    {
      header: "Of committed",
      align: "end",
      cell: ({ completion_rate: rate }) =>
        rate === null ? <Nothing text="unknown" /> : <span className="number">{formatNumber(rate * 100)} %</span>,
    },
  ];
}

function pointsColumn(header: string, pointsOf: (sprint: Sprint) => number | null): Column<Sprint> {
  return {
    header,
    align: "end",
    cell: (sprint) => {
      const points = pointsOf(sprint);
      return points === null ? <Nothing text="not yet" /> : <span className="number">{formatNumber(points)}</span>;
    },
  };
}

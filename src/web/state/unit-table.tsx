// Units of a job: how far each was read, by which run, and what it failed with since.
import type { ReactElement } from "react";
import { type JobUnit } from "../../api/state.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { RunLink } from "../components/values/run-link.tsx";

/** A hole between two ranges was not read. */
export function UnitTable({ units }: { readonly units: readonly JobUnit[] }): ReactElement {
  return (
    <DataTable
      label="Units"
      columns={columns}
      rows={units}
      idOf={({ tenant, key }) => `${tenant} ${key}`}
      empty={<p className="muted">No unit was read yet.</p>}
    />
  );
}

const columns: readonly Column<JobUnit>[] = [
  { header: "Unit", cell: ({ key }) => (key === "" ? <span className="muted">the source</span> : <code>{key}</code>) },
  { header: "Read", cell: (unit) => <span title={describeRanges(unit, Infinity)}>{describeRanges(unit, 3)}</span> },
  { header: "Last run", cell: (unit) => <LastRun unit={unit} /> },
  {
    header: "Error",
    cell: ({ error }) => (error === null ? null : <span title={error.message}>{error.message}</span>),
  },
];

function LastRun({ unit: { last_run_id: runId, last_read_at: at, error } }: { readonly unit: JobUnit }): ReactElement {
  const shown = error?.run_id ?? runId;
  return (
    <>
      {shown === null ? null : <RunLink runId={shown} />} {at === null ? null : <RelativeTime at={at} />}
    </>
  );
}

function describeRanges({ ranges, value }: JobUnit, most: number): string {
  if (ranges.length === 0) return value === null ? "nothing" : `up to ${value}`;
  const shown = ranges.slice(-most).map(({ from, to }) => `${short(from)} – ${short(to)}`);
  const hidden = ranges.length - shown.length;
  return [...(hidden > 0 ? [`${hidden} more`] : []), ...shown].join(", ");
}

function short(instant: string): string {
  return instant.replace("T00:00:00.000Z", "");
}

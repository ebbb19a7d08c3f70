// The timeline as two tables, for those who read rather than see it.
import type { ReactElement } from "react";
import type { Timeline } from "../../api/control.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Elapsed, Instant } from "../components/values/time.tsx";
import { RunLink } from "../components/values/run-link.tsx";

const maxListed = 100;

/** Runs, newest first; fires to come, soonest first; at most 100 each. */
export function TimelineList({ timeline }: { readonly timeline: Timeline }): ReactElement {
  return (
    <div className="timeline-lists">
      <RunTable bars={timeline.bars} />
      <FireTable fires={timeline.fires} />
    </div>
  );
}

type Bar = Timeline["bars"][number];

const runColumns: readonly Column<Bar>[] = [
  {
    header: "Run",
    cell: ({ run_id: runId }) => <RunLink runId={runId} />,
  },
  { header: "Job", cell: ({ job_name: name }) => name },
  { header: "State", cell: ({ state }) => <StateBadge state={state} look="plain" /> },
  { header: "Began", cell: ({ from }) => <Instant at={from} precision="minute" /> },
  { header: "Took", align: "end", cell: ({ from, to }) => <Elapsed from={from} to={to} /> },
];

function RunTable({ bars }: { readonly bars: readonly Bar[] }): ReactElement {
  const shown = bars.toSorted((a, b) => Date.parse(b.from) - Date.parse(a.from)).slice(0, maxListed);
  return (
    <section className="card">
      <h3>Runs</h3>
      <DataTable label="Runs, newest first" columns={runColumns} rows={shown} idOf={({ run_id: runId }) => runId} />
    </section>
  );
}

type Fire = Timeline["fires"][number];

const fireColumns: readonly Column<Fire>[] = [
  { header: "At", cell: ({ at }) => <Instant at={at} precision="minute" /> },
  { header: "Job", cell: ({ job_name: name }) => name },
  { header: "Expected", align: "end", cell: ({ expected_ms: ms }) => (ms === null ? "unknown" : formatMs(ms)) },
];

function FireTable({ fires }: { readonly fires: readonly Fire[] }): ReactElement {
  const shown = fires.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(0, maxListed);
  return (
    <section className="card">
      <h3>Fires to come</h3>
      <DataTable
        label="Fires to come"
        columns={fireColumns}
        rows={shown}
        idOf={({ job_name: name, at }) => `${name}:${at}`}
      />
    </section>
  );
}

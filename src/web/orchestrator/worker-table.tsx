// The workers, each with its last sign of life.
import type { ReactElement } from "react";
import type { Orchestrator } from "../../api/orchestrator.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";

/** Those alive first. */
export function WorkerTable({ workers }: { readonly workers: readonly Worker[] }): ReactElement {
  const sorted = workers.toSorted((a, b) => Number(b.alive) - Number(a.alive) || a.name.localeCompare(b.name));
  return <DataTable label="Workers" columns={columns} rows={sorted} idOf={({ name }) => name} />;
}

type Worker = Orchestrator["workers"][number];

const columns: readonly Column<Worker>[] = [
  { header: "Worker", cell: ({ name }) => name },
  {
    header: "State",
    cell: ({ alive }) => (
      <span className="state" data-tone={alive ? "good" : "bad"}>
        <Icon name={alive ? "check" : "cross"} size={14} /> {alive ? "Alive" : "Silent"}
      </span>
    ),
  },
  { header: "Host", cell: ({ host }) => host },
  { header: "Sign of life ends", cell: ({ expires_at: at }) => <RelativeTime at={at} /> },
];

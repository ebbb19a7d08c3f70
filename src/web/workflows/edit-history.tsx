// All that people have said of the statuses of a project, newest first.
import type { ReactElement } from "react";
import type { Workflow, WorkflowEdit } from "../../api/delivery/workflow.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Instant, Nothing } from "../components/values/time.tsx";
import { describeSaying } from "./status-words.ts";

export function EditHistory({ workflow: { statuses, edits } }: { readonly workflow: Workflow }): ReactElement {
  const names = new Map(statuses.map(({ status_id: id, name }) => [id, name ?? `status ${id}`]));
  const columns: readonly Column<WorkflowEdit>[] = [
    {
      header: "Version",
      isTitle: true,
      align: "end",
      cell: ({ version }) => <span className="number">{version}</span>,
    },
    { header: "When", cell: ({ edited_at: at }) => <Instant at={at} precision="minute" /> },
    { header: "Who", cell: ({ edited_by: by }) => by },
    {
      header: "What",
      width: "minmax(160px, 2fr)",
      cell: ({ statuses: said }) => (
        <ul>
          {said.map((saying) => (
            <li key={saying.status_id}>
              {names.get(saying.status_id) ?? saying.status_id}: {describeSaying(saying)}
            </li>
          ))}
        </ul>
      ),
    },
    { header: "Why", width: "minmax(120px, 1fr)", cell: ({ reason }) => reason ?? <Nothing text="not said" /> },
  ];
  return (
    <DataTable
      label="Versions"
      columns={columns}
      rows={edits}
      idOf={({ version }) => String(version)}
      empty={<EmptyState title="Nobody has said anything yet" icon="info" />}
    />
  );
}

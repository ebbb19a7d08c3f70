// The last requests through a connection, asked for when somebody opens them.
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import type { ServiceRequestRecord } from "../../api/request.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { requestColumns } from "../components/values/request-columns.tsx";
import { useApi } from "../queries/use-api.ts";

const { started, address, answer, took, bytes } = requestColumns;

const columns: readonly Column<ServiceRequestRecord>[] = [
  { ...address, width: "minmax(160px, 1fr)" },
  answer,
  started,
  took,
  bytes,
  {
    header: "Run",
    cell: ({ run_id: runId }) => (
      <Link to="/runs/$runId" params={{ runId }} search={{ tab: "requests" }}>
        {runId}
      </Link>
    ),
  },
];

export function LastRequests({ connection }: { readonly connection: string }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="last-requests" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Last requests</summary>
      {isOpen ? <RequestList connection={connection} /> : null}
    </details>
  );
}

function RequestList({ connection }: { readonly connection: string }): ReactElement {
  const { data, error, refetch } = useApi("listConnectionRequests", { params: { connection } }, { refetchMs: 5_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} label="Loading requests" />;
  return (
    <DataTable
      label={`Last requests through ${connection}`}
      columns={columns}
      rows={data.items}
      idOf={({ run_id: runId, seq }) => `${runId} ${seq}`}
      empty={<p className="muted">No run that is still kept has asked it for anything.</p>}
    />
  );
}

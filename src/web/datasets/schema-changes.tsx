// How the columns of a dataset changed, newest first.
import type { ReactElement } from "react";
import type { SchemaChange } from "../../api/datasets/dataset.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { RunLink } from "../components/values/run-link.tsx";
import { RelativeTime } from "../components/values/time.tsx";

const words: Readonly<Record<SchemaChange["kind"], string>> = {
  added: "Added",
  retyped: "Other type",
  dropped: "Dropped",
  discarded: "Left out",
};

const columns: readonly Column<SchemaChange>[] = [
  { header: "Column", isTitle: true, cell: ({ column }) => <code>{column}</code> },
  { header: "Change", cell: ({ kind }) => words[kind] },
  { header: "Type", cell: TypeChange },
  { header: "When", cell: ({ at }) => <RelativeTime at={at} /> },
  { header: "Run", cell: ({ run_id: runId, job_name: job }) => <RunLink runId={runId} jobName={job} /> },
];

export function SchemaChanges({ changes }: { readonly changes: readonly SchemaChange[] }): ReactElement {
  return (
    <DataTable
      label="Schema changes"
      columns={columns}
      rows={changes}
      idOf={({ run_id: runId, kind, column, version }) => `${runId} ${kind} ${column} ${String(version)}`}
    />
  );
}

function TypeChange({ kind, before, after, count }: SchemaChange): ReactElement {
  if (kind === "retyped") {
    return (
      <>
        <code>{before}</code> → <code>{after}</code>
      </>
    );
  }
  return (
    <>
      <code>{after ?? before}</code>
      {count === null ? null : <span className="muted"> {formatCount(count)} values or rows</span>}
    </>
  );
}

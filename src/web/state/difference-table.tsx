// Differences between two JSON values: path, before, after.
import type { ReactElement } from "react";
import { type JsonValue } from "../../api/page.ts";
import { type Difference } from "../../api/run.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";

export interface DifferenceTableProps {
  readonly label: string;
  readonly differences: readonly Difference[];
}

/** Says so when there are none. */
export function DifferenceTable({ label, differences }: DifferenceTableProps): ReactElement {
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={differences}
      idOf={({ path }) => path}
      empty={<p className="muted">No difference.</p>}
    />
  );
}

const columns: readonly Column<Difference>[] = [
  { header: "Where", cell: ({ path }) => <code>{path}</code> },
  { header: "Before", cell: ({ before }) => <code className="diff-before">{shorten(before)}</code> },
  { header: "After", cell: ({ after }) => <code className="diff-after">{shorten(after)}</code> },
];

function shorten(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

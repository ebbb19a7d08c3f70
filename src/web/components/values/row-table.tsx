// Rows of data as they are, for people to look at.
import type { ReactElement, ReactNode } from "react";
import type { JsonValue } from "../../../api/page.ts";
import { DataTable } from "../tables/data-table.tsx";
import type { Column } from "../tables/table-props.ts";

interface NumberedRow {
  readonly number: number;
  readonly item: Readonly<Record<string, JsonValue>>;
}

export interface RowTableProps {
  readonly label: string;
  /** Of the columns, in their order. */
  readonly names: readonly string[];
  readonly items: readonly Readonly<Record<string, JsonValue>>[];
  readonly empty?: ReactNode;
}

export function RowTable({ label, names, items, empty }: RowTableProps): ReactElement {
  const columns: readonly Column<NumberedRow>[] = names.map((name) => ({
    header: name,
    cell: ({ item }) => <Cell value={item[name] ?? null} />,
  }));
  return (
    <DataTable
      label={label}
      kind="matrix"
      columns={columns}
      rows={items.map((item, index) => ({ number: index + 1, item }))}
      idOf={({ number }) => String(number)}
      empty={empty}
    />
  );
}

function Cell({ value }: { readonly value: JsonValue }): ReactElement {
  if (value === null) return <span className="muted">NULL</span>;
  return <>{typeof value === "string" ? value : JSON.stringify(value)}</>;
}

// Keys of a join that wait for the rest of their inputs, failed, or are remembered as done.
import type { ReactElement } from "react";
import type { GroupDetail, JoinStateView } from "../../api/streams/group.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatBytes, formatCount } from "../components/values/format-quantity.ts";
import { DueTime, RelativeTime } from "../components/values/time.tsx";

/** Nothing for a group that joins nothing. */
export function JoinSection({ detail: { joins } }: { readonly detail: GroupDetail }): ReactElement | null {
  if (joins.length === 0) return null;
  return (
    <section className="card" aria-labelledby="joins-title">
      <h2 id="joins-title">Joins</h2>
      <DataTable label="Keys by state" columns={columns} rows={joins} idOf={({ state }) => state} />
    </section>
  );
}

const words: Readonly<Record<JoinStateView["state"], string>> = {
  open: "wait for more inputs",
  failed: "are tried again",
  emitted: "are done, and remembered",
};

const columns: readonly Column<JoinStateView>[] = [
  { header: "Keys that", cell: ({ state }) => words[state] },
  { header: "Keys", align: "end", cell: ({ keys }) => <span className="number">{formatCount(keys)}</span> },
  { header: "Size", align: "end", cell: ({ bytes }) => <span className="number">{formatBytes(bytes)}</span> },
  { header: "Oldest", cell: ({ oldest_at: at }) => <RelativeTime at={at} /> },
  { header: "Next due", cell: ({ next_due_at: at }) => <DueTime at={at} /> },
];

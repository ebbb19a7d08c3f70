// Groups with how far behind they are, who works on them, and what waits for a person.
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GroupView } from "../../api/streams/group.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Duration, Nothing } from "../components/values/time.tsx";
import { useApi } from "../queries/use-api.ts";
import { Lag, Rate } from "./lag.tsx";

const columns: readonly Column<GroupView>[] = [
  {
    header: "Group",
    isTitle: true,
    width: "minmax(0, 1.4fr)",
    cell: ({ group }) => (
      <Link to="/streams/groups/$group" params={{ group }}>
        {group}
      </Link>
    ),
  },
  {
    header: "Topics",
    width: "minmax(0, 1.4fr)",
    cell: ({ topics }) => <span className="truncate">{topics.join(", ")}</span>,
  },
  { header: "Lag", align: "end", width: "112px", cell: ({ lag, lag_ms: ms }) => <Lag records={lag} ms={ms} /> },
  { header: "Oldest", align: "end", width: "96px", cell: ({ lag_ms: ms }) => <Duration ms={ms} /> },
  { header: "Rate", align: "end", width: "88px", cell: ({ rate }) => <Rate perSecond={rate} /> },
  { header: "Members", align: "end", width: "88px", cell: ({ members }) => <Figure count={members} /> },
  { header: "Parked", align: "end", width: "80px", cell: ({ parked }) => <Figure count={parked} /> },
  { header: "Dead letters", align: "end", width: "112px", cell: (group) => <DeadLetters group={group} /> },
];

export function GroupTable(): ReactElement {
  const { data, error, refetch } = useApi("listGroups", {}, { refetchMs: 5_000 });
  const navigate = useNavigate();
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading groups" />;
  return (
    <DataTable
      kind="list"
      label="Groups"
      columns={columns}
      rows={data.items}
      idOf={({ group }) => group}
      onOpen={({ group }) => void navigate({ to: "/streams/groups/$group", params: { group } })}
      rowHeight={44}
      empty={
        <EmptyState title="Nobody reads a topic yet" icon="stream" commands={["millrace start <job>"]}>
          A <code>streamJob</code> or a <code>joinJob</code> makes a group of its name when it first runs.
        </EmptyState>
      }
    />
  );
}

function Figure({ count }: { readonly count: number }): ReactElement {
  return count === 0 ? <Nothing /> : <span className="number">{formatCount(count)}</span>;
}

function DeadLetters({ group: { group, dead_letters: count } }: { readonly group: GroupView }): ReactElement {
  if (count === 0) return <Nothing />;
  return (
    <Link to="/streams" search={{ tab: "dead-letters", group }} className="number">
      {formatCount(count)}
      <span className="only-read"> dead letters of {group}</span>
    </Link>
  );
}

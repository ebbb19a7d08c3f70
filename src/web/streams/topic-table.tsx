// Topics with what they hold, how fast they grow, and how far behind who reads them is.
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { TopicView } from "../../api/streams/topic.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatBytes, formatCount } from "../components/values/format-quantity.ts";
import { Nothing } from "../components/values/time.tsx";
import { useApi } from "../queries/use-api.ts";
import { Lag, Rate } from "./lag.tsx";

const columns: readonly Column<TopicView>[] = [
  {
    header: "Topic",
    isTitle: true,
    width: "minmax(0, 1.4fr)",
    cell: ({ topic }) => (
      <Link to="/streams/topics/$topic" params={{ topic }}>
        {topic}
      </Link>
    ),
  },
  { header: "In", align: "end", width: "88px", cell: ({ rate_in: rate }) => <Rate perSecond={rate} /> },
  { header: "Out", align: "end", width: "88px", cell: ({ rate_out: rate }) => <Rate perSecond={rate} /> },
  {
    header: "Records",
    align: "end",
    width: "112px",
    cell: ({ records }) => <span className="number">{formatCount(records)}</span>,
  },
  {
    header: "Size",
    align: "end",
    width: "88px",
    cell: ({ bytes }) => (bytes === null ? <Nothing /> : <span className="number">{formatBytes(bytes)}</span>),
  },
  {
    header: "Partitions",
    width: "96px",
    cell: ({ partitions }) => <span className="number">{partitions}</span>,
  },
  { header: "Read by", width: "minmax(0, 2fr)", cell: (topic) => <Readers topic={topic} /> },
];

export function TopicTable(): ReactElement {
  const { data, error, refetch } = useApi("listTopics", {}, { refetchMs: 5_000 });
  const navigate = useNavigate();
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading topics" />;
  return (
    <DataTable
      kind="list"
      label="Topics"
      columns={columns}
      rows={data.items}
      idOf={({ topic }) => topic}
      onOpen={({ topic }) => void navigate({ to: "/streams/topics/$topic", params: { topic } })}
      rowHeight={44}
      empty={
        <EmptyState title="There is no topic yet" icon="stream" commands={["millrace topic produce <name>"]}>
          Define one with <code>defineTopic</code>. It appears here when a job first reads it or something is produced
          into it.
        </EmptyState>
      }
    />
  );
}

function Readers({ topic: { groups } }: { readonly topic: TopicView }): ReactElement {
  if (groups.length === 0) return <span className="muted">nobody</span>;
  return (
    <span className="links">
      {groups.map(({ group, lag }) => (
        <span key={group}>
          <Link to="/streams/groups/$group" params={{ group }}>
            {group}
          </Link>{" "}
          <Lag records={lag} />
        </span>
      ))}
    </span>
  );
}

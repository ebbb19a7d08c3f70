// The screen of one topic: its partitions, who reads it, and its records for those who may see rows.
import "../../styles/panels.css";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatDuration } from "../../../core/duration.ts";
import type { TopicDetail } from "../../../api/streams/topic.ts";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { DataTable } from "../../components/tables/data-table.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { formatBytes, formatCount, formatRate } from "../../components/values/format-quantity.ts";
import { Nothing } from "../../components/values/time.tsx";
import { useApi } from "../../queries/use-api.ts";
import { Lag } from "../../streams/lag.tsx";
import { RecordSection } from "../../streams/record-section.tsx";

const route = getRouteApi("/streams/topics/$topic");

/** By its name in the address, which has the place of the records, too. */
export function TopicScreen(): ReactElement {
  const { topic } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useApi("showTopic", { params: { topic } }, { refetchMs: 5_000 });
  return (
    <div className="screen">
      <PageHeader title={topic} above={<Link to="/streams">Streams</Link>}>
        {data === undefined ? null : <Facts detail={data} />}
      </PageHeader>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={10} label="Loading the topic" />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )
      ) : (
        <>
          <Readers detail={data} />
          <RecordSection
            detail={data}
            search={search}
            onChange={(next) => void navigate({ to: "/streams/topics/$topic", params: { topic }, search: next })}
          />
          <section className="card" aria-labelledby="partitions-title">
            <h2 id="partitions-title">Partitions</h2>
            <DataTable
              label="Partitions"
              columns={partitionColumns}
              rows={data.bounds}
              idOf={({ partition }) => String(partition)}
            />
          </section>
        </>
      )}
    </div>
  );
}

function Facts({ detail }: { readonly detail: TopicDetail }): ReactElement {
  const { records, bytes, retention_ms: retentionMs, rate_in: rateIn, produced_by: producers, log, defined } = detail;
  const facts = [
    `${formatCount(records)} ${records === 1 ? "record" : "records"}`,
    ...(bytes === null ? [] : [formatBytes(bytes)]),
    ...(rateIn === null ? [] : [`${formatRate(rateIn)} in`]),
    retentionMs === null ? "kept until somebody trims it" : `kept for ${formatDuration(retentionMs)}`,
    `${log} log`,
    ...(defined ? [] : ["not defined by the project"]),
    ...(producers.length === 0 ? [] : [`produced by ${producers.join(", ")}`]),
  ];
  return <span>{facts.join(" · ")}</span>;
}

function Readers({ detail: { groups } }: { readonly detail: TopicDetail }): ReactElement {
  return (
    <section className="card" aria-labelledby="readers-title">
      <h2 id="readers-title">Read by</h2>
      <DataTable
        label="Groups that read it"
        columns={readerColumns}
        rows={groups}
        idOf={({ group }) => group}
        empty={<p className="muted">nobody</p>}
      />
    </section>
  );
}

const readerColumns: readonly Column<TopicDetail["groups"][number]>[] = [
  {
    header: "Group",
    cell: ({ group }) => (
      <Link to="/streams/groups/$group" params={{ group }}>
        {group}
      </Link>
    ),
  },
  {
    header: "Job",
    cell: ({ job_name: jobName }) => (
      <Link to="/jobs/$jobName" params={{ jobName }}>
        {jobName}
      </Link>
    ),
  },
  { header: "Lag", align: "end", cell: ({ lag }) => <Lag records={lag} /> },
];

const partitionColumns: readonly Column<TopicDetail["bounds"][number]>[] = [
  { header: "Partition", cell: ({ partition }) => <span className="number">{partition}</span> },
  { header: "Start", align: "end", cell: ({ start }) => <span className="number">{start}</span> },
  { header: "End", align: "end", cell: ({ end }) => <span className="number">{end}</span> },
  {
    header: "Records",
    align: "end",
    cell: ({ start, end }) => <span className="number">{formatCount(end - start)}</span>,
  },
  {
    header: "Size",
    align: "end",
    cell: ({ bytes }) => (bytes === null ? <Nothing /> : <span className="number">{formatBytes(bytes)}</span>),
  },
];

// The screen of one group: how far behind it is, who works on which partition, and what waits for a person.
import "../../styles/panels.css";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GroupDetail, GroupMemberView, GroupPartitionView } from "../../../api/streams/group.ts";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { DataTable } from "../../components/tables/data-table.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { Fact } from "../../components/values/fact.tsx";
import { formatCount } from "../../components/values/format-quantity.ts";
import { RunLink } from "../../components/values/run-link.tsx";
import { Duration, Nothing, RelativeTime } from "../../components/values/time.tsx";
import { useMayCall } from "../../queries/session.ts";
import { useApi } from "../../queries/use-api.ts";
import { BatchSection } from "../../streams/batch-section.tsx";
import { JoinSection } from "../../streams/join-section.tsx";
import { Lag, Rate } from "../../streams/lag.tsx";
import { ReplayButton } from "../../streams/replay-dialog.tsx";
import { SeekButton } from "../../streams/seek-dialog.tsx";

const route = getRouteApi("/streams/groups/$group");

/** By its name in the address. */
export function GroupScreen(): ReactElement {
  const { group } = route.useParams();
  const { data, error, refetch } = useApi("showGroup", { params: { group } }, { refetchMs: 5_000 });
  return (
    <div className="screen">
      <PageHeader
        title={group}
        above={<Link to="/streams">Streams</Link>}
        actions={data === undefined ? undefined : <Actions detail={data} />}
      >
        {data === undefined ? null : <JobLine detail={data} />}
      </PageHeader>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={10} label="Loading the group" />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )
      ) : (
        <Sections detail={data} />
      )}
    </div>
  );
}

function Actions({ detail }: { readonly detail: GroupDetail }): ReactElement {
  const [mayReplay, maySeek] = [useMayCall("startReplay"), useMayCall("seekGroup")];
  // A replay is a group of its own, and what a join holds cannot be made twice.
  const canReplay = detail.group === detail.job_name && detail.joins.length === 0;
  return (
    <>
      {mayReplay && canReplay ? <ReplayButton jobName={detail.job_name} /> : null}
      {maySeek ? <SeekButton detail={detail} /> : null}
    </>
  );
}

function JobLine({ detail: { job_name: jobName, topics } }: { readonly detail: GroupDetail }): ReactElement {
  return (
    <span>
      job{" "}
      <Link to="/jobs/$jobName" params={{ jobName }}>
        {jobName}
      </Link>
      {" · reads "}
      {topics.map((topic, index) => (
        <span key={topic}>
          {index === 0 ? "" : ", "}
          <Link to="/streams/topics/$topic" params={{ topic }}>
            {topic}
          </Link>
        </span>
      ))}
    </span>
  );
}

function Sections({ detail }: { readonly detail: GroupDetail }): ReactElement {
  return (
    <>
      <section className="card" aria-label="Progress">
        <dl className="facts">
          <Fact name="Lag">
            <Lag records={detail.lag} ms={detail.lag_ms} />
          </Fact>
          <Fact name="Oldest record">
            <Duration ms={detail.lag_ms} />
          </Fact>
          <Fact name="Rate">
            <Rate perSecond={detail.rate} />
          </Fact>
          <Fact name="Parked">
            <span className="number">{formatCount(detail.parked)}</span>
          </Fact>
          <Fact name="Dead letters">
            <Link to="/streams" search={{ tab: "dead-letters", group: detail.group }} className="number">
              {formatCount(detail.dead_letters)}
            </Link>
          </Fact>
          <Fact name="Rebalances">
            <span className="number" title="how often members or topics changed">
              {formatCount(detail.generation)}
            </span>
          </Fact>
        </dl>
      </section>
      <section className="card" aria-labelledby="members-title">
        <h2 id="members-title">Members</h2>
        <DataTable
          label="Members"
          columns={memberColumns}
          rows={detail.runs}
          idOf={({ run_id: runId }) => runId}
          empty={<p className="muted">nobody works on it now</p>}
        />
      </section>
      <JoinSection detail={detail} />
      <BatchSection group={detail.group} />
      <section className="card" aria-labelledby="partitions-title">
        <h2 id="partitions-title">Partitions</h2>
        <DataTable
          label="Partitions"
          columns={partitionColumns}
          rows={detail.partitions}
          idOf={({ topic, partition }) => `${topic}/${partition}`}
          empty={<p className="muted">it has not begun yet</p>}
        />
      </section>
    </>
  );
}

const memberColumns: readonly Column<GroupMemberView>[] = [
  { header: "Run", cell: ({ run_id: runId }) => <RunLink runId={runId} /> },
  {
    header: "Holds",
    cell: ({ partitions }) =>
      partitions.length === 0 ? (
        <span className="muted">waits for a partition</span>
      ) : (
        <span className="number">{partitions.join(", ")}</span>
      ),
  },
  { header: "Member since", cell: ({ joined_at: at }) => <RelativeTime at={at} /> },
];

const partitionColumns: readonly Column<GroupPartitionView>[] = [
  {
    header: "Partition",
    isTitle: true,
    cell: ({ topic, partition }) => (
      <span className="number">
        {topic}/{partition}
      </span>
    ),
  },
  { header: "Offset", align: "end", cell: ({ offset }) => <span className="number">{offset}</span> },
  {
    header: "End",
    align: "end",
    cell: ({ end }) => (end === null ? <Nothing text="the topic is gone" /> : <span className="number">{end}</span>),
  },
  { header: "Lag", align: "end", cell: ({ lag, lag_ms: ms }) => <Lag records={lag} ms={ms} /> },
  { header: "Oldest", align: "end", cell: ({ lag_ms: ms }) => <Duration ms={ms} /> },
  { header: "Epoch", cell: ({ epoch }) => <span className="number">{epoch}</span> },
  {
    header: "Held by",
    cell: ({ run_id: runId }) => (runId === null ? <Nothing text="nobody" /> : <RunLink runId={runId} />),
  },
  { header: "Committed", cell: ({ committed_at: at }) => <RelativeTime at={at} /> },
];

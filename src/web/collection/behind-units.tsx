// The units of a job that are behind or failed, such as repositories and projects, what waits longest first.
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, type ReactElement } from "react";
import type { JobUnit } from "../../api/state.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon } from "../components/values/icon.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { shortInstant } from "../components/values/short-instant.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useApiList } from "../queries/use-api.ts";

const pageSize = 20;

export function BehindUnits({ jobName }: { readonly jobName: string }): ReactElement {
  const list = useApiList("listJobUnits", {
    params: { job_name: jobName },
    query: { state: "behind", limit: pageSize },
  });
  const panel = useRef<HTMLDivElement>(null);
  // It is below all jobs of its pipeline, which on a narrow screen is far from what was pressed.
  useEffect(() => panel.current?.scrollIntoView({ block: "nearest" }), [list.isPending]);
  if (list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Skeleton lines={3} label="Loading units" />;
  return (
    <div ref={panel} className="behind-units">
      <h3>
        Units of {jobName} that are behind{" "}
        <Link to="/jobs/$jobName" params={{ jobName }} search={{ tab: "state" }}>
          all units
        </Link>
      </h3>
      <DataTable
        label={`Units of ${jobName} that are behind`}
        columns={columns}
        rows={list.items}
        idOf={({ tenant, key }) => `${tenant} ${key}`}
        empty={<EmptyState title="By now no unit is behind" icon="check" />}
        hasMore={list.hasMore}
        isLoadingMore={list.isLoadingMore}
        onLoadMore={list.loadMore}
      />
    </div>
  );
}

const columns: readonly Column<JobUnit>[] = [
  {
    header: "Unit",
    isTitle: true,
    cell: ({ key }) => (key === "" ? <span className="muted">the source</span> : <code>{key}</code>),
  },
  { header: "Read to", cell: ({ ranges, value }) => <span>{describeEnd(ranges.at(-1)?.to ?? value)}</span> },
  { header: "Last read", cell: ({ last_read_at: at }) => <RelativeTime at={at} /> },
  { header: "What is wrong", width: "minmax(0, 1fr)", cell: UnitTrouble },
];

function describeEnd(end: string | number | null): string {
  return end === null ? "never read" : shortInstant(String(end));
}

function UnitTrouble({ error, ranges, value }: JobUnit): ReactElement {
  if (error === null) {
    const text =
      ranges.length > 1
        ? "has a hole"
        : ranges.length === 0 && value === null
          ? "never read"
          : "read less far than others";
    return (
      <span className="unit-trouble" data-tone="warn">
        <Icon name="clock" size={14} /> {text}
      </span>
    );
  }
  return (
    <span className="unit-trouble" data-tone="bad">
      <Icon name="cross" size={14} />{" "}
      <span>
        {error.from === null ? "" : `${shortInstant(error.from)}: `}
        <MessageText text={error.message} />{" "}
        <span className="muted">
          <RunLink runId={error.run_id} /> <RelativeTime at={error.at} />
        </span>
      </span>
    </span>
  );
}

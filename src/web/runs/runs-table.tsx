// The list of runs itself: one line a run, as dense as it can be read.
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Run } from "../../api/run.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column, RowSelection } from "../components/tables/table-props.ts";
import { MessageText } from "../components/tables/message-text.tsx";
import { LateMark } from "../components/values/late-mark.tsx";
import { ProgressBar } from "../components/values/progress-bar.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Duration, Elapsed, RelativeTime } from "../components/values/time.tsx";
import type { ListState } from "../queries/use-api.ts";

export interface RunsTableProps {
  readonly list: ListState<Run>;
  /** Left out for those who may not act on many. */
  readonly selection: RowSelection | undefined;
}

const columns: readonly Column<Run>[] = [
  { header: "Run", width: "72px", cell: (run) => <RunLink runId={run.run_id} /> },
  { header: "Job", width: "minmax(140px, 1fr)", isTitle: true, cell: (run) => <JobCell run={run} /> },
  {
    header: "State",
    width: "minmax(150px, 0.8fr)",
    cell: (run) => (
      <span>
        <StateBadge state={run.state} reason={run.reason} look="plain" />{" "}
        <LateMark since={run.late_since} look="plain" />
      </span>
    ),
  },
  { header: "What happens", width: "minmax(160px, 2fr)", cell: (run) => <WhatHappens run={run} /> },
  { header: "Created", width: "80px", cell: (run) => <RelativeTime at={run.created_at} /> },
  {
    header: "Took",
    width: "88px",
    align: "end",
    cell: (run) =>
      run.state === "RUNNING" ? <Elapsed from={run.started_at} to={null} /> : <Duration ms={run.duration_ms} />,
  },
  {
    header: "By",
    width: "minmax(64px, 0.5fr)",
    cell: (run) => <span className="truncate muted">{run.created_by}</span>,
  },
];

/** Enter or a click opens the run. */
export function RunsTable({ list, selection }: RunsTableProps): ReactElement {
  const navigate = useNavigate();
  return (
    <DataTable
      kind="list"
      label="Runs"
      columns={columns}
      rows={list.items}
      idOf={idOf}
      nameOf={(run) => `${run.run_id} of ${run.job_name}`}
      onOpen={({ run_id: runId }) => void navigate({ to: "/runs/$runId", params: { runId } })}
      {...(selection === undefined ? {} : { selection })}
      hasMore={list.hasMore}
      isLoadingMore={list.isLoadingMore}
      onLoadMore={list.loadMore}
    />
  );
}

function idOf(run: Run): string {
  return run.run_id;
}

function RunLink({ runId }: { readonly runId: string }): ReactElement {
  return (
    <Link to="/runs/$runId" params={{ runId }} className="number run-link">
      {runId}
    </Link>
  );
}

function JobCell({ run }: { readonly run: Run }): ReactElement {
  return (
    <span className="truncate">
      {run.job_name}
      {run.attempt > 1 ? <span className="muted"> · attempt {run.attempt}</span> : null}
    </span>
  );
}

function WhatHappens({ run }: { readonly run: Run }): ReactElement {
  const { state, progress, error, due_at: dueAt } = run;
  if (state === "RUNNING" && progress !== null) {
    return (
      <span className="what-happens">
        <ProgressBar percent={progress.percent} label={`Progress of ${run.run_id}`} />
        <span className="truncate muted">{progress.operation}</span>
      </span>
    );
  }
  if (error !== null) {
    return (
      <span className="truncate" title={error.message}>
        {state === "PENDING" && dueAt !== null ? (
          <>
            <RelativeTime at={dueAt} />:{" "}
          </>
        ) : null}
        <span className="muted">
          <MessageText text={error.message} />
        </span>
      </span>
    );
  }
  if (dueAt !== null && state === "PENDING") {
    return (
      <span className="muted">
        due <RelativeTime at={dueAt} />
      </span>
    );
  }
  return (
    <span className="truncate muted">{run.window === null ? describeParams(run) : describeWindow(run.window)}</span>
  );
}

function describeParams({ params }: Run): string {
  const text = JSON.stringify(params);
  return text === "{}" || text === "null" ? "" : text.slice(0, 200);
}

function describeWindow({ from, to }: NonNullable<Run["window"]>): string {
  const short = (text: string): string => text.replace(/T00:00:00(?:\.000)?Z$/, "").replace(/:00(?:\.000)?Z$/, "");
  return `${short(from)} to ${short(to)}`;
}

// A line for each job: what it is doing, how it went lately, when it comes next, how long it takes, how fresh its data is.
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, type ReactElement } from "react";
import type { JobOverview } from "../../api/job.ts";
import { ActionMenu } from "../components/actions/action-menu.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatMs, formatShortCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { listJobActions } from "../components/actions/job-actions.ts";
import { LateMark } from "../components/values/late-mark.tsx";
import { OutcomeStrip } from "../components/values/outcome-strip.tsx";
import { ProgressBar } from "../components/values/progress-bar.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { DueTime, Nothing, RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import type { ListState } from "../queries/use-api.ts";

/** A deviation beyond this is worth a look. */
const oddFactor = 1.5;

/** Enter or a click opens the job. */
export function JobList({ list }: { readonly list: ListState<JobOverview> }): ReactElement {
  const role = useRole();
  const navigate = useNavigate();
  const columns = useMemo<readonly Column<JobOverview>[]>(
    () => [
      {
        header: "Job",
        width: "minmax(180px, 1.6fr)",
        isTitle: true,
        cell: (job) => <JobName job={job} />,
      },
      { header: "State", width: "minmax(120px, 1fr)", cell: (job) => <JobState job={job} /> },
      {
        header: "Last 30 runs",
        width: "184px",
        cell: (job) => <OutcomeStrip outcomes={job.outcomes} jobName={job.job_name} />,
      },
      { header: "Next run", width: "minmax(88px, 0.6fr)", cell: (job) => <NextRun job={job} /> },
      { header: "p50 · p95", width: "minmax(128px, 0.8fr)", cell: (job) => <Typical job={job} /> },
      { header: "Fresh", width: "72px", cell: (job) => <Fresh job={job} /> },
      {
        header: "Rows",
        width: "64px",
        align: "end",
        cell: (job) => (job.rows === null ? <Nothing /> : <span className="number">{formatShortCount(job.rows)}</span>),
      },
      {
        header: "Actions",
        width: "32px",
        isHeaderHidden: true,
        cell: (job) => <ActionMenu label={`Actions of ${job.job_name}`} actions={listJobActions(job, role)} />,
      },
    ],
    [role],
  );
  return (
    <DataTable
      kind="list"
      label="Jobs"
      columns={columns}
      rows={list.items}
      idOf={idOf}
      rowHeight={52}
      onOpen={({ job_name: jobName }) => void navigate({ to: "/jobs/$jobName", params: { jobName } })}
      hasMore={list.hasMore}
      isLoadingMore={list.isLoadingMore}
      onLoadMore={list.loadMore}
    />
  );
}

function idOf(job: JobOverview): string {
  return job.job_name;
}

function JobName({ job }: { readonly job: JobOverview }): ReactElement {
  const { job_name: jobName, kind, description } = job;
  return (
    <span className="job-name">
      <span className="job-title">
        <Link to="/jobs/$jobName" params={{ jobName }} className="truncate">
          {jobName}
        </Link>
        {kind === "pipeline" ? <span className="tag">pipeline</span> : null}
      </span>
      {description === null ? null : <span className="truncate muted small">{description}</span>}
    </span>
  );
}

function JobState({ job }: { readonly job: JobOverview }): ReactElement {
  const { state, reason, paused, current, running, pending, last_run_id: runId } = job;
  const shown = paused === null ? (running > 0 ? "RUNNING" : state) : "PAUSED";
  const badge = <StateBadge state={shown} reason={shown === state ? reason : null} look="plain" />;
  const waiting = pending > 0 && shown !== "PENDING" ? `${count(pending)} waiting` : undefined;
  return (
    <span className="job-state">
      {runId === null ? (
        badge
      ) : (
        <Link to="/runs/$runId" params={{ runId: current?.run_id ?? runId }} className="state-link">
          {badge}
        </Link>
      )}
      {paused === null ? null : (
        <span className="truncate muted small" title={paused.reason ?? undefined}>
          by {paused.by}
          {paused.reason === null ? "" : `: ${paused.reason}`}
        </span>
      )}
      {current === null ? null : <ProgressBar percent={current.percent} label={`Progress of ${job.job_name}`} />}
      {current === null && paused === null && waiting !== undefined ? (
        <span className="muted small">{waiting}</span>
      ) : null}
    </span>
  );
}

function NextRun({ job: { schedule } }: { readonly job: JobOverview }): ReactElement {
  if (schedule === null) return <Nothing text="not scheduled" />;
  return (
    <span className="stack">
      {schedule.paused ? (
        <span className="muted">paused</span>
      ) : schedule.next_fire_at === null ? null : (
        <DueTime at={schedule.next_fire_at} />
      )}
      <span className="truncate muted small" title={schedule.timing}>
        {schedule.timing}
      </span>
    </span>
  );
}

function Fresh({ job: { fresh_at: freshAt, late } }: { readonly job: JobOverview }): ReactElement {
  return (
    <span className="stack">
      <RelativeTime at={freshAt} />
      <LateMark since={late?.since ?? null} look="plain" />
    </span>
  );
}

function Typical({ job: { p50_ms: p50Ms, p95_ms: p95Ms, deviation } }: { readonly job: JobOverview }): ReactElement {
  if (p50Ms === null) return <Nothing />;
  const isOdd = deviation !== null && (deviation >= oddFactor || deviation <= 1 / oddFactor);
  return (
    <span className="stack">
      <span className="number">
        {formatMs(p50Ms)} · {p95Ms === null ? "–" : formatMs(p95Ms)}
      </span>
      {deviation === null || !isOdd ? null : (
        <span className="deviation small" data-tone={deviation > 1 ? "warn" : "neutral"}>
          <Icon name={deviation > 1 ? "warning" : "info"} size={12} />
          last took {deviation.toFixed(1)}×
        </span>
      )}
    </span>
  );
}

function count(value: number): string {
  return value >= 1_000 ? "1,000 or more" : String(value);
}

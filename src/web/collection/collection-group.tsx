// A pipeline of jobs that collect, a line each, with the units of one of them below when somebody asks for them.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { CollectedJob } from "../../api/collection.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { shortInstant } from "../components/values/short-instant.ts";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Nothing, RelativeTime } from "../components/values/time.tsx";
import { BehindUnits } from "./behind-units.tsx";
import { Coverage } from "./coverage.tsx";
import type { CollectionGroup } from "./group-jobs.ts";

export interface CollectionGroupCardProps {
  readonly group: CollectionGroup;
  /** The job whose units are shown. */
  readonly open: string | undefined;
  readonly onToggle: (job: string) => void;
}

export function CollectionGroupCard({ group, open, onToggle }: CollectionGroupCardProps): ReactElement {
  const { pipeline, jobs, troubled } = group;
  const id = `group-${pipeline ?? ""}`;
  const opened = jobs.find(({ job_name: name }) => name === open);
  return (
    <section className="card" aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{pipeline === undefined ? "Other jobs" : <JobLink name={pipeline} />}</h2>
        <span className="state state-plain" data-tone={troubled === 0 ? "good" : "warn"}>
          <Icon name={troubled === 0 ? "check" : "warning"} size={14} />{" "}
          {troubled === 0
            ? "nothing needs a look"
            : `${formatCount(troubled)} of ${formatCount(jobs.length)} need a look`}
        </span>
      </header>
      <DataTable
        label={pipeline ?? "Other jobs"}
        columns={toColumns(open, onToggle)}
        rows={jobs}
        idOf={({ job_name: name }) => name}
        isMarked={({ job_name: name }) => name === open}
      />
      {opened === undefined ? null : <BehindUnits jobName={opened.job_name} />}
    </section>
  );
}

function toColumns(open: string | undefined, onToggle: (job: string) => void): readonly Column<CollectedJob>[] {
  return [
    { header: "Job", isTitle: true, cell: ({ job_name: name }) => <JobLink name={name} /> },
    { header: "Last run", cell: LastRun },
    { header: "Read", cell: Coverage },
    {
      header: "Behind",
      cell: (job) => <BehindButton job={job} isOpen={job.job_name === open} onToggle={onToggle} />,
    },
    { header: "Reaches", cell: Reach },
    { header: "Last read", cell: LastRead },
    {
      header: "Connection",
      cell: ({ connections }) => (connections.length === 0 ? <Nothing /> : connections.join(", ")),
    },
  ];
}

function JobLink({ name }: { readonly name: string }): ReactElement {
  return (
    <Link to="/jobs/$jobName" params={{ jobName: name }}>
      {name}
    </Link>
  );
}

function LastRun({ state, reason, last_run_id: runId, last_run_at: at }: CollectedJob): ReactElement {
  return (
    <span className="collection-run">
      <StateBadge state={state} reason={reason} look="plain" />
      {runId === null ? null : <RunLink runId={runId} />}
      {at === null ? null : (
        <span className="muted">
          <RelativeTime at={at} />
        </span>
      )}
    </span>
  );
}

interface BehindButtonProps {
  readonly job: CollectedJob;
  readonly isOpen: boolean;
  readonly onToggle: (job: string) => void;
}

function BehindButton({ job: { job_name: name, coverage }, isOpen, onToggle }: BehindButtonProps): ReactElement {
  if (coverage === null || coverage.behind === 0) return <Nothing text="no unit is behind" />;
  const { failed, behind } = coverage;
  const late = behind - failed;
  const parts = [
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
    ...(late === 0 ? [] : [`${formatCount(late)} behind`]),
  ];
  return (
    <button
      type="button"
      className="button"
      aria-expanded={isOpen}
      aria-label={`Units of ${name}: ${parts.join(", ")}`}
      onClick={() => onToggle(name)}
    >
      <Icon name={isOpen ? "chevron-down" : "chevron"} size={14} /> {parts.join(", ")}
    </button>
  );
}

/** How far the units with parts of time are read, at least and at most. */
function Reach({ coverage }: CollectedJob): ReactElement {
  const { read_to: least, furthest: most } = coverage ?? { read_to: null, furthest: null };
  if (least === null || most === null) return <Nothing text="not told" />;
  const text = least === most ? shortInstant(most) : `${shortInstant(least)} to ${shortInstant(most)}`;
  return (
    <span className="number" title={`at least to ${least}, at most to ${most}`}>
      {text}
    </span>
  );
}

function LastRead({ last_read_at: readAt, fresh_at: freshAt, stale_since: staleSince }: CollectedJob): ReactElement {
  return (
    <span className="collection-run">
      <RelativeTime at={readAt ?? freshAt} />
      {staleSince === null ? null : (
        <span
          className="state state-soft"
          data-tone="warn"
          title="The service failed, and answers that were kept stood in for it."
        >
          <Icon name="clock" size={14} />
          <span>
            stale since <RelativeTime at={staleSince} />
          </span>
        </span>
      )}
    </span>
  );
}

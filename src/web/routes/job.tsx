// The screen of a job or pipeline: how it does, what may be done, and its past, graph, metrics, state and schedule as tabs.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactElement } from "react";
import "../styles/panels.css";
import "../job/job.css";
import { type JobDetail } from "../../api/job.ts";
import { ActionMenu } from "../components/actions/action-menu.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { LateMark } from "../components/values/late-mark.tsx";
import { listJobActions } from "../components/actions/job-actions.ts";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Tabs } from "../components/tables/tabs.tsx";
import { BackfillDialog } from "../job/backfill-dialog.tsx";
import { JobDefinition, JobHealth } from "../job/job-facts.tsx";
import { JobGrid } from "../job/job-grid.tsx";
import { StartDialog } from "../job/start-dialog.tsx";
import { useTopic } from "../queries/live.ts";
import { useMayCall, useRole } from "../queries/session.ts";
import { keyOf, useApi } from "../queries/use-api.ts";
import { type JobSearch, type JobTab } from "../search/job-search.ts";

const JobGraph = lazy(async () => ({ default: (await import("../job/job-graph.tsx")).JobGraph }));
const JobFigures = lazy(async () => ({ default: (await import("../job/job-figures.tsx")).JobFigures }));
const JobMetrics = lazy(async () => ({ default: (await import("../job/job-metrics.tsx")).JobMetrics }));
const StatePanel = lazy(async () => ({ default: (await import("../state/state-panel.tsx")).StatePanel }));
const JobSchedule = lazy(async () => ({ default: (await import("../calendar/job-schedule.tsx")).JobSchedule }));

/** Follows the job live. */
export function JobScreen(): ReactElement {
  const { jobName } = useParams({ from: "/jobs/$jobName" });
  const { data: job, error, refetch } = useApi("showJob", { params: { job_name: jobName } }, { refetchMs: 30_000 });
  const client = useQueryClient();
  useTopic(`job:${jobName}`, (messages) => {
    const changes = messages.some(({ type }) => type !== "job_progress" && type !== "pong" && type !== "subscribed");
    if (!changes) return;
    for (const name of ["showJob", "showGrid"] as const) void client.invalidateQueries({ queryKey: keyOf(name) });
  });
  if (job === undefined) {
    return (
      <div className="screen">
        <PageHeader title={jobName} above={<Link to="/">Jobs</Link>} />
        {error === null ? (
          <Skeleton lines={10} label="Loading the job" />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )}
      </div>
    );
  }
  return (
    <div className="screen">
      <PageHeader
        title={job.job_name}
        above={<Link to="/">Jobs</Link>}
        beside={
          <>
            <StateBadge state={job.state} reason={job.reason} /> <LateMark since={job.late?.since ?? null} />
          </>
        }
        actions={<JobButtons job={job} />}
      >
        {job.description}
        {job.paused === null ? null : (
          <p className="state state-soft" data-tone="held">
            <Icon name="pause" size={14} /> paused by {job.paused.by}
            {job.paused.reason === null ? "" : `: ${job.paused.reason}`}
          </p>
        )}
      </PageHeader>
      <JobHealth job={job} />
      <JobDefinition job={job} />
      <JobTabs job={job} />
    </div>
  );
}

function JobButtons({ job }: { readonly job: JobDetail }): ReactElement {
  const [open, setOpen] = useState<"start" | "backfill" | null>(null);
  const mayStart = useMayCall("startJob");
  const close = (): void => setOpen(null);
  const others = listJobActions(job, useRole()).filter((action) => action.label !== "Start");
  return (
    <>
      {mayStart ? (
        <>
          <button type="button" className="button button-primary" onClick={() => setOpen("start")}>
            <Icon name="play" /> Start…
          </button>
          <button type="button" className="button" onClick={() => setOpen("backfill")}>
            <Icon name="calendar" /> Backfill…
          </button>
        </>
      ) : null}
      <ActionMenu label={`Actions of ${job.job_name}`} actions={others} buttonClass="button button-square" />
      {open === "start" ? <StartDialog job={job} onClose={close} /> : null}
      {open === "backfill" ? <BackfillDialog jobName={job.job_name} onClose={close} /> : null}
    </>
  );
}

const tabs: readonly { readonly name: JobTab; readonly label: string }[] = [
  { name: "grid", label: "Runs" },
  { name: "graph", label: "Graph" },
  { name: "figures", label: "Figures" },
  { name: "metrics", label: "Metrics" },
  { name: "state", label: "State" },
  { name: "schedule", label: "Schedule" },
];

function JobTabs({ job }: { readonly job: JobDetail }): ReactElement {
  const search = useSearch({ from: "/jobs/$jobName" });
  const navigate = useNavigate({ from: "/jobs/$jobName" });
  const change = (part: Partial<JobSearch>): void => void navigate({ search: { ...search, ...part } });
  const tab = search.tab ?? "grid";
  const { job_name: jobName } = job;
  return (
    <Tabs label={`About ${jobName}`} tabs={tabs} current={tab} onChange={(name) => change({ tab: name })}>
      <Suspense fallback={<Skeleton lines={8} />}>
        {tab === "grid" ? <JobGrid jobName={jobName} /> : null}
        {tab === "graph" ? <JobGraph jobName={jobName} nodes={job.nodes} /> : null}
        {tab === "figures" ? <JobFigures jobName={jobName} /> : null}
        {tab === "metrics" ? <JobMetrics jobName={jobName} search={search} onChange={change} /> : null}
        {tab === "state" ? <StatePanel jobName={jobName} /> : null}
        {tab === "schedule" ? <JobSchedule jobName={jobName} /> : null}
      </Suspense>
    </Tabs>
  );
}

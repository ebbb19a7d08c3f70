// The run page: how a run is, why, what it did, live. A run that failed opens at its first failure.
import "../run/run.css";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo, useState, type ReactElement } from "react";
import type { RunDetail } from "../../api/run.ts";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { Tabs, type Tab } from "../components/tables/tabs.tsx";
import { DataTab } from "../run/tabs/data-tab.tsx";
import { EventsTab } from "../run/tabs/events-tab.tsx";
import { GanttTab } from "../run/tabs/gantt-tab.tsx";
import { GraphTab } from "../run/tabs/graph-tab.tsx";
import { JobsTab } from "../run/tabs/jobs-tab.tsx";
import { LogsTab } from "../run/tabs/logs-tab.tsx";
import { OverviewTab } from "../run/tabs/overview-tab.tsx";
import { RunErrorBox } from "../run/run-error.tsx";
import { RunHeader } from "../run/run-header.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { RequestsTab } from "../run/tabs/requests-tab.tsx";
import { useRequestTotals } from "../run/use-request-totals.ts";
import { UnitsTab } from "../run/tabs/units-tab.tsx";
import { RunProvider, useLiveRun, useRunQuery, type RunLive } from "../run/use-run.ts";
import { useRunSearch } from "../run/use-run-search.ts";
import { WhyPanel } from "../run/why-panel.tsx";
import type { RunTab } from "../search/run-search.ts";

/** `/runs/$runId`. */
export function RunScreen(): ReactElement {
  const { runId } = useParams({ from: "/runs/$runId" });
  // Nothing of one run may show on the page of another.
  return <RunPage key={runId} runId={runId} />;
}

function RunPage({ runId }: { readonly runId: string }): ReactElement {
  const { store, query } = useRunQuery(runId);
  const detail = query.data;
  const live = useMemo(() => (detail === undefined ? undefined : { runId, detail, store }), [runId, detail, store]);
  if (live === undefined) {
    return (
      <div className="screen">
        <PageHeader title={`Run ${runId}`} />
        {query.error === null ? (
          <Skeleton lines={8} label="Loading the run" />
        ) : (
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        )}
      </div>
    );
  }
  return (
    <RunProvider value={live}>
      <div className="screen run">
        <RunHeader />
        <RunParts live={live} />
      </div>
    </RunProvider>
  );
}

function RunParts({ live }: { readonly live: RunLive }): ReactElement {
  const { detail } = live;
  const { search } = useRunSearch();
  // What somebody looks at stays when the run ends.
  const [opening] = useState<RunTab>(detail.kind === "pipeline" && detail.state === "RUNNING" ? "graph" : "overview");
  const { requests } = useRequestTotals(live);
  const tabs = listTabs(detail, requests);
  const current = tabs.find(({ name }) => name === search.tab)?.name ?? opening;
  return (
    <>
      <Notice live={live} current={current} />
      <RunTabs tabs={tabs} current={current} />
    </>
  );
}

// Shows what a person who opens a run at night has to know first: the error, or why the run does not go on.
function Notice({
  live: { runId, detail, store },
  current,
}: {
  readonly live: RunLive;
  readonly current: RunTab;
}): ReactElement | null {
  const state = useLiveRun(store, runId)?.state ?? detail.state;
  if (state === "RUNNING" || (state === "FINISHED" && detail.reason === null)) return null;
  // The error of a pipeline run says what the first failure in it says better.
  const isOwn = detail.first_failed_run_id === null || detail.first_failed_run_id === runId;
  return (
    <div className="run-notices">
      {state === "ERROR" && detail.error !== null && isOwn ? (
        <RunErrorBox error={detail.error} jobName={detail.job_name} />
      ) : null}
      {isOwn || detail.first_failed_run_id === null || current === "overview" ? null : (
        <FirstFailureLink failedId={detail.first_failed_run_id} />
      )}
      <WhyPanel runId={runId} isFolded={state === "ERROR"} />
    </div>
  );
}

// Overview shows the failure itself; on the other tabs it is one press away.
function FirstFailureLink({ failedId }: { readonly failedId: string }): ReactElement {
  return (
    <p className="first-failure-head">
      <Icon name="cross" /> It failed first in
      <Link to="/runs/$runId" params={{ runId: failedId }}>
        run {failedId}
      </Link>
    </p>
  );
}

const panels: Readonly<Record<RunTab, () => ReactElement>> = {
  overview: OverviewTab,
  graph: GraphTab,
  gantt: GanttTab,
  jobs: JobsTab,
  events: EventsTab,
  logs: LogsTab,
  units: UnitsTab,
  requests: RequestsTab,
  data: DataTab,
};

interface RunTabsProps {
  readonly tabs: readonly Tab<RunTab>[];
  readonly current: RunTab;
}

function RunTabs({ tabs, current }: RunTabsProps): ReactElement {
  const { replace } = useRunSearch();
  const Panel = panels[current];
  return (
    <Tabs label="Parts of the run" tabs={tabs} current={current} onChange={(name) => replace({ tab: name })}>
      <Panel />
    </Tabs>
  );
}

function listTabs({ kind, children, units }: RunDetail, requests: number): readonly Tab<RunTab>[] {
  const isPipeline = kind === "pipeline";
  const jobs = Object.values(children ?? {}).reduce((sum, count) => sum + count, 0);
  const unitCount = units.done + units.failed;
  return [
    { name: "overview", label: "Overview" },
    ...(isPipeline
      ? ([
          { name: "graph", label: "Graph" },
          { name: "gantt", label: "Gantt" },
          { name: "jobs", label: "Jobs", note: formatCount(jobs) },
        ] as const)
      : ([{ name: "gantt", label: "Gantt" }] as const)),
    { name: "events", label: "Events" },
    { name: "logs", label: "Logs" },
    ...(isPipeline
      ? []
      : [{ name: "units", label: "Units", ...(unitCount === 0 ? {} : { note: formatCount(unitCount) }) } as const]),
    ...(requests === 0 ? [] : [{ name: "requests", label: "Requests", note: formatCount(requests) } as const]),
    { name: "data", label: "Params and result" },
  ];
}

// Home: what needs a person, what each job is doing, and the hours around now.
import "../home/home.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { describeState } from "../components/values/state-appearance.ts";
import { HealthNotice } from "../home/health-notice.tsx";
import { UnsentNotice } from "../home/unsent-notice.tsx";
import { JobList } from "../home/job-list.tsx";
import { Timeline } from "../home/timeline.tsx";
import { useLiveJobs } from "../home/use-live-jobs.ts";
import { useApi, useApiList } from "../queries/use-api.ts";
import type { HomeSearch } from "../search/home-search.ts";
import { runStates } from "../search/runs-search.ts";

const route = getRouteApi("/");
const pageSize = 100;
const stateOptions = runStates.map((state) => ({ value: state, label: describeState(state).label }));

/** Live as long as it is looked at. */
export function Home(): ReactElement {
  const { data: orchestrator } = useApi("showOrchestrator", {});
  const timeline = useApi("showTimeline", { query: {} }, { refetchMs: 60_000 });
  useLiveJobs();
  return (
    <div className="screen">
      <PageHeader title="Home" />
      {orchestrator === undefined ? null : <HealthNotice orchestrator={orchestrator} />}
      <UnsentNotice />
      <Jobs />
      {timeline.data === undefined ? null : timeline.data.bars.length + timeline.data.fires.length === 0 ? null : (
        <Timeline timeline={timeline.data} />
      )}
    </div>
  );
}

function Jobs(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<HomeSearch>): void =>
    void navigate({ to: "/", search: { ...search, ...next }, replace: true });
  const list = useApiList(
    "listJobs",
    {
      query: {
        limit: pageSize,
        members: search.members === true,
        ...(search.q === undefined ? {} : { q: search.q }),
        ...(search.state === undefined ? {} : { state: search.state }),
      },
    },
    { refetchMs: 30_000 },
  );
  const isFiltered = search.q !== undefined || search.state !== undefined;
  const clear = (): void => void navigate({ to: "/", search: {} });
  return (
    <section className="section" aria-labelledby="jobs-title">
      <div className="section-head">
        <h2 id="jobs-title">Jobs</h2>
        <FilterBar label="Filter of jobs" isFiltered={isFiltered} onClear={clear}>
          <TextFilter
            label="Find a job"
            value={search.q ?? ""}
            isMain
            onChange={(q) => change({ q: q === "" ? undefined : q })}
          />
          <ChoiceFilter
            label="State"
            anyLabel="Any state"
            value={search.state ?? ""}
            options={stateOptions}
            onChange={(state) => change({ state })}
          />
          <label className="check-filter">
            <input
              type="checkbox"
              checked={search.members === true}
              onChange={(event) => change({ members: event.target.checked ? true : undefined })}
            />
            Jobs inside pipelines
          </label>
        </FilterBar>
      </div>
      <JobsBody list={list} isFiltered={isFiltered} />
    </section>
  );
}

function JobsBody({
  list,
  isFiltered,
}: {
  readonly list: ReturnType<typeof useApiList<"listJobs">>;
  readonly isFiltered: boolean;
}): ReactElement {
  if (list.items.length > 0) return <JobList list={list} />;
  if (list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Skeleton lines={8} label="Loading jobs" />;
  if (isFiltered) return <EmptyState title="No job matches the filter" icon="filter" />;
  return (
    <EmptyState title="There is no job yet" commands={["npx millrace init", "npx millrace run ingest_orders"]}>
      <p>
        A job is a file in <code>jobs/</code> that exports one as its default. The first command makes a project with
        one; the second runs it, and it shows here.
      </p>
    </EmptyState>
  );
}

// The runs in a pipeline run as a list, filtered by the server, each row live.
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactElement } from "react";
import type { RunState } from "../../../core/job/run-state.ts";
import type { Run } from "../../../api/run.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { FilterBar, TextFilter, ToggleFilter } from "../../components/tables/filter-bar.tsx";
import { ProgressBar } from "../../components/values/progress-bar.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { StateBadge } from "../../components/values/state-badge.tsx";
import { describeState } from "../../components/values/state-appearance.ts";
import { Elapsed, Nothing } from "../../components/values/time.tsx";
import { useApiList } from "../../queries/use-api.ts";
import { runStates } from "../../search/runs-search.ts";
import { useLiveRun, useRunLive } from "../use-run.ts";
import { useRunSearch } from "../use-run-search.ts";

const columns: readonly Column<Run>[] = [
  {
    header: "Job",
    width: "minmax(160px, 2fr)",
    isTitle: true,
    cell: (run) => (
      <>
        <Link to="/runs/$runId" params={{ runId: run.run_id }}>
          {run.job_name}
        </Link>{" "}
        <span className="muted number">{run.run_id}</span>
      </>
    ),
  },
  { header: "State", width: "minmax(150px, 1fr)", cell: (run) => <LiveState run={run} /> },
  { header: "Progress", width: "140px", cell: (run) => <LiveProgress run={run} /> },
  { header: "Took", width: "100px", align: "end", cell: (run) => <LiveElapsed run={run} /> },
  { header: "Attempt", width: "72px", align: "end", cell: (run) => <LiveAttempt run={run} /> },
  { header: "Error", width: "minmax(0, 2fr)", cell: (run) => <LiveError run={run} /> },
];

export function JobsTab(): ReactElement {
  const { runId, store } = useRunLive();
  const {
    search: { state, q },
    change: filter,
    openRun,
  } = useRunSearch();
  const query = { ...(state === undefined ? {} : { state }), ...(q === undefined ? {} : { q }) };
  const list = useApiList("listChildren", { params: { run_id: runId }, query });
  const { items } = list;
  useEffect(() => store.loadRuns(items), [store, items]);
  const isFiltered = state !== undefined || q !== undefined;
  const chosen = runStates.filter((each) => state?.split(",").includes(each));
  return (
    <div className="section">
      <FilterBar label="Filter jobs" isFiltered={isFiltered} onClear={() => filter({ state: undefined, q: undefined })}>
        <TextFilter
          label="Search jobs and errors"
          value={q ?? ""}
          isMain
          onChange={(text) => filter({ q: text === "" ? undefined : text })}
        />
        <ToggleFilter<RunState>
          label="States"
          values={chosen}
          options={runStates.map((value) => ({ value, label: describeState(value).label }))}
          onChange={(values) => filter({ state: values.length === 0 ? undefined : values.join(",") })}
        />
      </FilterBar>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={6} label="Loading jobs" />
      ) : (
        <DataTable
          kind="list"
          label="Jobs of this run"
          columns={columns}
          rows={items}
          idOf={(run) => run.run_id}
          onOpen={(run) => openRun(run.run_id)}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
          empty={
            <EmptyState icon="filter" title={isFiltered ? "No job matches the filters" : "This run has no jobs yet"}>
              {isFiltered ? "Take a filter away to see more." : "They appear here when the pipeline starts."}
            </EmptyState>
          }
        />
      )}
    </div>
  );
}

interface OfRun {
  readonly run: Run;
}

function useNow(run: Run): Run | (Run & NonNullable<ReturnType<typeof useLiveRun>>) {
  const { store } = useRunLive();
  const live = useLiveRun(store, run.run_id);
  return live === undefined ? run : { ...run, ...live };
}

function LiveState({ run }: OfRun): ReactElement {
  const { state, reason } = useNow(run);
  return <StateBadge state={state} reason={reason} look="plain" />;
}

function LiveProgress({ run }: OfRun): ReactElement {
  const { state, progress, job_name: name } = useNow(run);
  return state === "RUNNING" ? (
    <ProgressBar percent={progress?.percent ?? null} label={`Progress of ${name}`} />
  ) : (
    <Nothing />
  );
}

function LiveElapsed({ run }: OfRun): ReactElement {
  const now = useNow(run);
  const spans = "spans" in now ? now.spans : [];
  const last = spans.at(-1);
  return (
    <Elapsed from={spans[0]?.started_at ?? now.started_at} to={last === undefined ? now.finished_at : last.ended_at} />
  );
}

function LiveAttempt({ run }: OfRun): ReactElement {
  const { attempt } = useNow(run);
  return attempt === 0 ? <Nothing /> : <span className="number">{attempt}</span>;
}

function LiveError({ run }: OfRun): ReactElement {
  const now = useNow(run);
  const text = "error_message" in now ? now.error_message : (now.error?.message ?? null);
  return text === null ? (
    <Nothing />
  ) : (
    <span className="one-line" title={text}>
      {text}
    </span>
  );
}

// The runs of one cluster, page by page, to choose from: retry exactly these, or compare one with the last success.
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { type FailureCluster } from "../../api/control.ts";
import { type Run } from "../../api/run.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Duration, RelativeTime } from "../components/values/time.tsx";
import { useApi, useApiList } from "../queries/use-api.ts";
import { RetryButton } from "./retry-button.tsx";
import { RunLink } from "../components/values/run-link.tsx";

/** Selected runs stay selected when more are loaded. */
export function ClusterRuns({ cluster }: { readonly cluster: FailureCluster }): ReactElement {
  const { fingerprint, job_name: job } = cluster;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const list = useApiList("listRuns", { query: { fingerprint, job, state: "ERROR", children: true, limit: 50 } });
  const { data: successes } = useApi("listRuns", { query: { job, state: "FINISHED", children: true, limit: 1 } });
  const lastSuccess = successes?.items[0]?.run_id ?? null;
  if (list.isPending) return <Skeleton lines={4} label="Loading runs" />;
  if (list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  const toggle = (runId: string): void => setSelected((before) => toggled(before, runId));
  const toggleAll = (): void => {
    const ids = list.items.map(({ run_id: runId }) => runId);
    setSelected(ids.every((id) => selected.has(id)) ? new Set() : new Set(ids));
  };
  return (
    <div className="cluster-runs">
      <div className="cluster-tools">
        <RetryButton
          label={selected.size === 0 ? "Retry selected" : `Retry these ${selected.size}`}
          request={{ action: "retry", run_ids: [...selected] }}
          whyNot={selected.size === 0 ? "select runs first" : undefined}
          onDone={() => setSelected(new Set())}
        />
        <span className="muted" role="status">
          {selected.size} of {list.items.length}
          {list.hasMore ? "+" : ""} selected
        </span>
      </div>
      <DataTable
        label={`Failed runs of ${job}`}
        columns={listColumns(lastSuccess)}
        rows={list.items}
        idOf={({ run_id: runId }) => runId}
        selection={{ selected, onToggle: toggle, all: { label: "Select all loaded runs", onToggle: toggleAll } }}
        hasMore={list.hasMore}
        isLoadingMore={list.isLoadingMore}
        onLoadMore={list.loadMore}
      />
    </div>
  );
}

function listColumns(lastSuccess: string | null): readonly Column<Run>[] {
  return [
    {
      header: "Run",
      cell: ({ run_id: runId, window }) => (
        <span>
          <RunLink runId={runId} />
          {window === null ? null : <span className="muted"> {window.from.slice(0, 16)}</span>}
        </span>
      ),
    },
    { header: "State", cell: ({ state, reason }) => <StateBadge state={state} reason={reason} look="plain" /> },
    { header: "Failed", cell: ({ finished_at: at }) => <RelativeTime at={at} /> },
    { header: "Attempt", align: "end", cell: ({ attempt }) => attempt },
    { header: "Took", align: "end", cell: ({ duration_ms: ms }) => <Duration ms={ms} /> },
    {
      header: "Compare",
      isHeaderHidden: true,
      cell: ({ run_id: runId }) =>
        lastSuccess === null ? (
          <span className="muted">never succeeded</span>
        ) : (
          <Link to="/compare/$a/$b" params={{ a: lastSuccess, b: runId }}>
            compare with {lastSuccess}
          </Link>
        ),
    },
  ];
}

function toggled(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

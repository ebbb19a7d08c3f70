// The runs of one cluster, page by page, to choose from: retry exactly these, or compare one with the last success.
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { type FailureCluster } from "../../api/control.ts";
import { type Run } from "../../api/run.ts";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Duration, RelativeTime } from "../components/values/time.tsx";
import { useApi, useApiList } from "../queries/use-api.ts";
import { RetryButton } from "./retry-button.tsx";

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
  const isAll = list.items.length > 0 && list.items.every((run) => selected.has(run.run_id));
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
      <div className="scroll-x" role="region" aria-label={`Failed runs of ${job}`} tabIndex={0}>
        <table className="plain">
          <RunHead
            isAll={isAll}
            onToggleAll={() => setSelected(isAll ? new Set() : new Set(list.items.map((run) => run.run_id)))}
          />
          <tbody>
            {list.items.map((run) => (
              <RunRow
                key={run.run_id}
                run={run}
                isSelected={selected.has(run.run_id)}
                onToggle={toggle}
                lastSuccess={lastSuccess}
              />
            ))}
          </tbody>
        </table>
      </div>
      {list.hasMore ? (
        <button type="button" className="button" onClick={list.loadMore} aria-disabled={list.isLoadingMore}>
          {list.isLoadingMore ? "Loading more…" : "Load more"}
        </button>
      ) : null}
    </div>
  );
}

function RunHead({ isAll, onToggleAll }: { readonly isAll: boolean; readonly onToggleAll: () => void }): ReactElement {
  return (
    <thead>
      <tr>
        <th scope="col">
          <input type="checkbox" aria-label="Select all loaded runs" checked={isAll} onChange={onToggleAll} />
        </th>
        <th scope="col">Run</th>
        <th scope="col">State</th>
        <th scope="col">Failed</th>
        <th scope="col" data-align="end">
          Attempt
        </th>
        <th scope="col" data-align="end">
          Took
        </th>
        <th scope="col">
          <span className="only-read">Compare</span>
        </th>
      </tr>
    </thead>
  );
}

interface RunRowProps {
  readonly run: Run;
  readonly isSelected: boolean;
  readonly onToggle: (runId: string) => void;
  readonly lastSuccess: string | null;
}

function RunRow({ run, isSelected, onToggle, lastSuccess }: RunRowProps): ReactElement {
  const runId = run.run_id;
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={`Select ${runId}`} checked={isSelected} onChange={() => onToggle(runId)} />
      </td>
      <td>
        <Link to="/runs/$runId" params={{ runId }}>
          {runId}
        </Link>
        {run.window === null ? null : <span className="muted"> {run.window.from.slice(0, 16)}</span>}
      </td>
      <td>
        <StateBadge state={run.state} reason={run.reason} look="plain" />
      </td>
      <td>
        <RelativeTime at={run.finished_at} />
      </td>
      <td data-align="end" className="number">
        {run.attempt}
      </td>
      <td data-align="end">
        <Duration ms={run.duration_ms} />
      </td>
      <td>
        {lastSuccess === null ? (
          <span className="muted">never succeeded</span>
        ) : (
          <Link to="/compare/$a/$b" params={{ a: lastSuccess, b: runId }}>
            compare with {lastSuccess}
          </Link>
        )}
      </td>
    </tr>
  );
}

function toggled(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

// The jobs of a pipeline run as a graph that is followed live.
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState, type ReactElement } from "react";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { Fact } from "../../components/values/fact.tsx";
import { ProgressDetail } from "../../components/values/progress-bar.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { StateBadge } from "../../components/values/state-badge.tsx";
import { Elapsed, RelativeTime } from "../../components/values/time.tsx";
import { useApi } from "../../queries/use-api.ts";
import { findFront } from "../graph/focus-graph.ts";
import type { GraphItem } from "../graph/graph-node.tsx";
import { GraphView } from "../graph/graph-view.tsx";
import { RunErrorBox } from "../run-error.tsx";
import type { LiveRun } from "../run-model.ts";
import { useLiveRun, useRunGraph, useRunLive, useRunModel } from "../use-run.ts";
import { useRunSearch } from "../use-run-search.ts";

export function GraphTab(): ReactElement {
  const live = useRunLive();
  const load = useRunGraph(live);
  const model = useDeferredValue(useRunModel(live.store));
  const [selected, setSelected] = useState<string | null>(null);
  const nodes = useMemo(() => toItems(model.runs.values(), live.runId), [model.runs, live.runId]);
  const front = useMemo(
    () => findFront(nodes.map(({ id, state = "PENDING", reason = null }) => ({ id, state, reason }))),
    [nodes],
  );
  if (load.error !== undefined && nodes.length === 0) return <ErrorState error={load.error} retry={load.retry} />;
  if (load.isPending) return <Skeleton lines={6} label="Loading the graph" />;
  return (
    <>
      {load.isTruncated ? <p className="muted">Only the first 5,000 runs are drawn.</p> : null}
      <GraphView
        label={`Graph of ${live.detail.job_name}`}
        nodes={nodes}
        edges={model.edges}
        selected={selected}
        onSelect={setSelected}
        front={front}
      >
        {selected === null ? null : <NodeDetail id={selected} />}
      </GraphView>
    </>
  );
}

/** The runs in a run as items of a graph, in the order they were made. */
export function toItems(runs: Iterable<LiveRun>, rootId: string): readonly GraphItem[] {
  const items: GraphItem[] = [];
  for (const { run_id: id, job_name: label, state, reason, percent } of runs) {
    if (id !== rootId) items.push({ id, label, state, reason, percent });
  }
  return items;
}

function NodeDetail({ id }: { readonly id: string }): ReactElement | null {
  const { store } = useRunLive();
  const run = useLiveRun(store, id);
  const { replace } = useRunSearch();
  if (run === undefined) return null;
  const first = run.spans[0];
  const last = run.spans.at(-1);
  return (
    <div className="node-detail">
      <h2>{run.job_name}</h2>
      <p>
        <StateBadge state={run.state} reason={run.reason} /> <span className="number muted">{id}</span>
      </p>
      {run.progress === null || run.state !== "RUNNING" ? null : (
        <ProgressDetail progress={run.progress} label={`Progress of ${run.job_name}`} />
      )}
      <dl className="run-facts">
        {run.attempt > 1 ? <Fact name="Attempt">{run.attempt}</Fact> : null}
        {first === undefined || last === undefined ? null : (
          <Fact name="Took">
            <Elapsed from={first.started_at} to={last.ended_at} />
          </Fact>
        )}
        {run.due_at === null ? null : (
          <Fact name="Due">
            <RelativeTime at={run.due_at} />
          </Fact>
        )}
      </dl>
      {run.state === "ERROR" ? (
        <NodeError id={id} />
      ) : run.error_message === null ? null : (
        <p className="run-error-message">{run.error_message}</p>
      )}
      <p className="node-links">
        <Link to="/runs/$runId" params={{ runId: id }} className="button">
          Open run
        </Link>
        <Link to="/runs/$runId" params={{ runId: id }} search={{ tab: "logs" }} className="button">
          Logs
        </Link>
        <button type="button" className="button button-quiet" onClick={() => replace({ tab: "jobs", q: run.job_name })}>
          In the list
        </button>
      </p>
    </div>
  );
}

// Graphs come without errors: that of one run is asked for when somebody looks at it.
function NodeError({ id }: { readonly id: string }): ReactElement | null {
  const { data } = useApi("showRun", { params: { run_id: id } });
  if (data === undefined) return <Skeleton lines={2} label="Loading the error" />;
  return data.error === null ? null : <RunErrorBox error={data.error} jobName={data.job_name} />;
}

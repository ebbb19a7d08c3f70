// The runs of a pipeline run, or the attempts of a job run, as bars over time.
import { useDeferredValue, useMemo, useState, type ReactElement } from "react";
import { isTerminal } from "../../../core/job/run-state.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { serverNowMs, useServerNow } from "../../queries/server-clock.ts";
import { compressIdle } from "../gantt/compress-idle.ts";
import { GanttChart } from "../gantt/gantt-chart.tsx";
import { buildGanttChart } from "../gantt/gantt-rows.ts";
import { useLiveRun, useRunGraph, useRunLive, useRunModel } from "../use-run.ts";

export function GanttTab(): ReactElement {
  const live = useRunLive();
  const { detail, store, runId } = live;
  const load = useRunGraph(live);
  const model = useDeferredValue(useRunModel(store));
  const state = useLiveRun(store, runId)?.state ?? detail.state;
  const [isWhole, setWhole] = useState(false);
  const tickMs = useServerNow();
  // What has ended does not move on.
  const nowMs =
    isTerminal(state) && detail.finished_at !== null
      ? Date.parse(detail.finished_at)
      : Math.max(tickMs, serverNowMs() - 1_000);
  const chart = useMemo(() => {
    const members = [...model.runs.values()].filter(({ run_id: id }) => id !== runId);
    const own = model.runs.get(runId);
    return buildGanttChart(members.length > 0 || own === undefined ? members : [own], model.edges, nowMs);
  }, [model, runId, nowMs]);
  const axis = useMemo(() => compressIdle(isWhole ? [chart.range] : chart.busy, chart.range), [chart, isWhole]);
  if (load.error !== undefined && chart.rows.length === 0) return <ErrorState error={load.error} retry={load.retry} />;
  if (load.isPending) return <Skeleton lines={6} label="Loading the chart" />;
  if (chart.rows.every(({ bars }) => bars.length === 0)) {
    return (
      <EmptyState icon="clock" title="Nothing has started yet" commands={[`millrace why ${runId}`]}>
        Waits and attempts become bars here.
      </EmptyState>
    );
  }
  const hasCuts = compressIdle(chart.busy, chart.range).segments.some(({ isCut }) => isCut);
  return (
    <div className="gantt">
      <div className="gantt-tools">
        <ul className="gantt-legend" aria-label="What the bars mean">
          <li>
            <span className="gantt-swatch" data-kind="queue" /> waits for a worker
          </li>
          <li>
            <span className="gantt-swatch" data-kind="run" /> executes
          </li>
          <li>
            <span className="gantt-swatch" data-kind="retry" /> waits for a retry
          </li>
          {chart.rows.length > 1 ? (
            <li>
              <span className="gantt-swatch" data-kind="critical" /> made the whole last
            </li>
          ) : null}
        </ul>
        {hasCuts ? (
          <label className="check">
            <input type="checkbox" checked={isWhole} onChange={(event) => setWhole(event.target.checked)} /> show idle
            time in full
          </label>
        ) : null}
      </div>
      <GanttChart chart={chart} axis={axis} label={`Bars of ${detail.job_name} over time`} />
    </div>
  );
}

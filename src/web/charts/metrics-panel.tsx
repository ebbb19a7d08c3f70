// Charts of one job or of all: the same panel on the screen of metrics and on a job's tab. Loaded when it is looked at, since
// the chart library is a third of such a screen.
import { useMemo, type ReactElement } from "react";
import "./charts.css";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useServerNow } from "../queries/server-clock.ts";
import { useApi } from "../queries/use-api.ts";
import { boundsOf, type MetricsSearch } from "../search/metrics-search.ts";
import { DurationScatter } from "./duration-scatter.tsx";
import { isEmpty, toMetricCharts } from "./metric-charts.ts";
import { MetricTable } from "./metric-table.tsx";
import { TimeChart } from "./time-chart.tsx";

export interface MetricsPanelProps {
  readonly search: MetricsSearch;
  /** Somebody dragged over a range of time. */
  readonly onRange: (since: string, until: string) => void;
}

/** Asks again each minute while its range goes up to now. */
export function MetricsPanel({ search, onRange }: MetricsPanelProps): ReactElement {
  const nowMs = useServerNow();
  const query = { ...boundsOf(search, nowMs), ...(search.job === undefined ? {} : { job: search.job }) };
  const { data: metrics, error, refetch } = useApi("showMetrics", { query }, { keepPrevious: true });
  const shown = useMemo(
    () =>
      metrics === undefined
        ? undefined
        : { metrics, charts: toMetricCharts(metrics), timesMs: metrics.times.map((time) => Date.parse(time)) },
    [metrics],
  );
  if (error !== null && shown === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (shown === undefined) return <Skeleton lines={10} label="Loading metrics" />;
  if (isEmpty(shown.metrics)) return <NothingRan job={search.job} />;
  if (search.as === "table") return <MetricTable metrics={shown.metrics} charts={shown.charts} />;
  return (
    <div className="charts">
      <DurationScatter metrics={shown.metrics} />
      {shown.charts.map((chart) => (
        <TimeChart
          key={chart.id}
          chart={chart}
          timesMs={shown.timesMs}
          bucketMs={shown.metrics.bucket_ms}
          onRange={(fromMs, toMs) => onRange(new Date(fromMs).toISOString(), new Date(toMs).toISOString())}
        />
      ))}
    </div>
  );
}

function NothingRan({ job }: { readonly job: string | undefined }): ReactElement {
  return (
    <EmptyState title="Nothing ran in this range" icon="chart" commands={[`millrace start ${job ?? "<job>"}`]}>
      Every run adds its duration, its records and what it used. Choose a longer range, or start a run.
    </EmptyState>
  );
}

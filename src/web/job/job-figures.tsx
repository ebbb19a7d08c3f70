// The business figures of one job, on its tab: a chart for each, run by run.
import type { ReactElement } from "react";
import type { JobMetric } from "../../api/figure.ts";
import { FigureChart } from "../charts/figure-chart.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useApi } from "../queries/use-api.ts";

/** Runs that a chart shows. */
const shownValues = 100;

export function JobFigures({ jobName }: { readonly jobName: string }): ReactElement {
  const { data, error, refetch } = useApi("listJobMetrics", { params: { job_name: jobName } }, { refetchMs: 30_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading figures" />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="No figures yet" icon="chart">
        A job records what its business counts with <code>ctx.metric</code>, and compares it with thresholds under{" "}
        <code>metrics</code>.
      </EmptyState>
    );
  }
  return (
    <div className="charts">
      {data.items.map((metric) => (
        <Figure key={metric.name} jobName={jobName} metric={metric} />
      ))}
    </div>
  );
}

function Figure({ jobName, metric }: { readonly jobName: string; readonly metric: JobMetric }): ReactElement {
  const { data } = useApi(
    "listMetricHistory",
    { params: { job_name: jobName, metric: metric.name }, query: { limit: shownValues } },
    { refetchMs: 30_000 },
  );
  if (data === undefined) return <Skeleton lines={6} label={`Loading ${metric.name}`} />;
  return <FigureChart metric={metric} values={data.items} />;
}

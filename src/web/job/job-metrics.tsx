// The metrics of one job, on its tab.
import type { ReactElement } from "react";
import { MetricsPanel } from "../charts/metrics-panel.tsx";
import { RangePicker } from "../charts/range-picker.tsx";
import { type MetricsSearch } from "../search/metrics-search.ts";

export interface JobMetricsProps {
  readonly jobName: string;
  readonly search: Omit<MetricsSearch, "job">;
  readonly onChange: (change: Omit<MetricsSearch, "job">) => void;
}

/** The range is in the address of the job. */
export function JobMetrics({ jobName, search, onChange }: JobMetricsProps): ReactElement {
  return (
    <div className="job-metrics">
      <RangePicker search={search} onChange={onChange} />
      <MetricsPanel search={{ ...search, job: jobName }} onRange={(since, until) => onChange({ since, until })} />
    </div>
  );
}

// The screen of metrics: durations, throughput, success, queue and resources over time, of one job or of all.
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import { MetricsPanel } from "../charts/metrics-panel.tsx";
import { RangePicker } from "../charts/range-picker.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { JobPicker } from "../job/job-picker.tsx";
import { type MetricsSearch } from "../search/metrics-search.ts";

/** Its range and job are in the address. */
export function MetricsScreen(): ReactElement {
  const search = useSearch({ from: "/metrics" });
  const navigate = useNavigate({ from: "/metrics" });
  const change = (part: Partial<MetricsSearch>): void => {
    void navigate({ search: { ...search, ...part } });
  };
  return (
    <div className="screen">
      <PageHeader title="Metrics" />
      <div className="filters">
        <JobPicker value={search.job} onChange={(job) => change({ job })} />
        <RangePicker search={search} onChange={change} />
      </div>
      <MetricsPanel search={search} onRange={(since, until) => change({ since, until })} />
    </div>
  );
}

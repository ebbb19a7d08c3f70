// Two runs side by side: what differs in params, code, jobs, data and errors.
import "../run/run.css";
import "../run/compare/compare.css";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import type { Comparison, Run, RunError } from "../../api/run.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import type { Tone } from "../components/values/state-appearance.ts";
import { Duration, Instant } from "../components/values/time.tsx";
import { useApi } from "../queries/use-api.ts";
import { compareCounts, compareDurations } from "../run/compare/compare-deltas.ts";
import { ComparePicker } from "../run/compare/compare-picker.tsx";
import { DatasetsTable, JobsTable, ParamsTable } from "../run/compare/compare-tables.tsx";
import { RunErrorBox } from "../run/run-error.tsx";

/** `/compare/$a/$b`. */
export function Compare(): ReactElement {
  const { a, b } = useParams({ from: "/compare/$a/$b" });
  const { data, error, refetch } = useApi(
    "compareRuns",
    { params: { run_id: a, other_run_id: b } },
    { keepPrevious: true },
  );
  return (
    <div className="screen">
      <PageHeader title={`Compare ${a} with ${b}`}>
        {data === undefined ? null : <ComparePicker run={data.runs[1]} otherId={data.runs[0].run_id} />}
      </PageHeader>
      {error !== null ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={10} label="Comparing" />
      ) : (
        <Result comparison={data} />
      )}
    </div>
  );
}

function Result({ comparison }: { readonly comparison: Comparison }): ReactElement {
  const { runs, errors, jobs, datasets } = comparison;
  return (
    <>
      <Findings comparison={comparison} />
      <div className="compare-runs">
        <Side run={runs[0]} error={errors[0]} />
        <Side run={runs[1]} error={errors[1]} />
      </div>
      <Part title="Params">
        <ParamsTable comparison={comparison} />
      </Part>
      <Part title="Jobs">
        {jobs.length === 0 ? (
          <EmptyState title="Neither run has executed a job" />
        ) : (
          <JobsTable comparison={comparison} />
        )}
      </Part>
      <Part title="Datasets">
        {datasets.length === 0 ? (
          <p className="muted">Neither run has published a dataset.</p>
        ) : (
          <DatasetsTable comparison={comparison} />
        )}
      </Part>
    </>
  );
}

function Side({ run, error }: { readonly run: Run; readonly error: RunError | null }): ReactElement {
  return (
    <section className="compare-run" aria-label={`Run ${run.run_id}`}>
      <h2>
        <Link to="/runs/$runId" params={{ runId: run.run_id }}>
          {run.job_name} {run.run_id}
        </Link>
        <StateBadge state={run.state} reason={run.reason} />
      </h2>
      <p className="muted">
        <Instant at={run.started_at ?? run.created_at} /> · <Duration ms={run.duration_ms} />
      </p>
      {error === null ? null : <RunErrorBox error={error} jobName={run.job_name} />}
    </section>
  );
}

// The short answer, before the tables.
function Findings({ comparison }: { readonly comparison: Comparison }): ReactElement {
  const findings = listFindings(comparison);
  return (
    <ul className="compare-findings" aria-label="What differs">
      {findings.map(({ tone, text }) => (
        <li key={text} className="finding" data-tone={tone}>
          <Icon name={tone === "good" ? "check" : tone === "neutral" ? "info" : "warning"} size={14} /> {text}
        </li>
      ))}
    </ul>
  );
}

interface Finding {
  readonly tone: Tone;
  readonly text: string;
}

function listFindings({ code_changed: codeChanged, params, jobs, datasets, runs }: Comparison): readonly Finding[] {
  const slower = jobs.filter(({ durations_ms: ms }) => isSlower(ms)).length;
  const ended = jobs.filter(({ states: [before, after] }) => before !== after).length;
  const rows = jobs.filter(({ rows: pair }) => compareCounts(pair)?.isNotable === true).length;
  const schemas = datasets.filter((each) => each.columns_added.length + each.columns_removed.length > 0).length;
  const findings: (Finding | undefined)[] = [
    runs[0].job_name === runs[1].job_name ? undefined : { tone: "warn", text: "these are runs of different jobs" },
    codeChanged === null
      ? { tone: "neutral", text: "whether the code changed is not known" }
      : codeChanged
        ? { tone: "warn", text: "the code changed" }
        : { tone: "good", text: "the same code" },
    { tone: params.length === 0 ? "good" : "warn", text: countOf(params.length, "param differs", "params differ") },
    ended === 0 ? undefined : { tone: "bad", text: countOf(ended, "job ended otherwise", "jobs ended otherwise") },
    slower === 0 ? undefined : { tone: "warn", text: countOf(slower, "job was slower", "jobs were slower") },
    rows === 0 ? undefined : { tone: "held", text: countOf(rows, "job gave other rows", "jobs gave other rows") },
    schemas === 0 ? undefined : { tone: "warn", text: countOf(schemas, "schema changed", "schemas changed") },
  ];
  return findings.filter((finding) => finding !== undefined);
}

function isSlower(durations: readonly [number | null, number | null]): boolean {
  const delta = compareDurations(durations);
  return delta?.isNotable === true && delta.difference > 0;
}

function countOf(count: number, one: string, many: string): string {
  return count === 0 ? `no ${many}` : `${count} ${count === 1 ? one : many}`;
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

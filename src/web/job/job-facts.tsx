// Shows what a job is and how it does, in two short lists: its definition, and what a person looks at first.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type JobDetail } from "../../api/job.ts";
import { Fact } from "../components/values/fact.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { OutcomeStrip } from "../components/values/outcome-strip.tsx";
import { ProgressBar } from "../components/values/progress-bar.tsx";
import { DueTime, Duration, Nothing, RelativeTime } from "../components/values/time.tsx";
import { RunLink } from "../components/values/run-link.tsx";

/** Numbers that change. */
export function JobHealth({ job }: { readonly job: JobDetail }): ReactElement {
  const { current, schedule, deviation } = job;
  return (
    <section className="card job-health" aria-label="How it does">
      {job.outcomes.length === 0 ? (
        <p className="muted">it has not run yet</p>
      ) : (
        <OutcomeStrip outcomes={job.outcomes} jobName={job.job_name} />
      )}
      <dl className="facts">
        {current === null ? null : (
          <Fact name="Now">
            <RunLink runId={current.run_id} />{" "}
            <ProgressBar percent={current.percent} label={`Progress of ${current.run_id}`} />
          </Fact>
        )}
        <Fact name="Next">
          {schedule === null ? (
            "no schedule"
          ) : schedule.paused ? (
            "schedule paused"
          ) : schedule.next_fire_at === null ? (
            schedule.timing
          ) : (
            <DueTime at={schedule.next_fire_at} />
          )}
        </Fact>
        <Fact name="Usually takes">
          <Duration ms={job.p50_ms} />
          {job.p95_ms === null ? null : (
            <span className="muted">
              {" "}
              to <Duration ms={job.p95_ms} />
            </span>
          )}
          {deviation === null || deviation < 1.5 ? null : <strong> last {deviation.toFixed(1)}×</strong>}
        </Fact>
        <Fact name="Fresh">
          <RelativeTime at={job.fresh_at} />
        </Fact>
        <Fact name="Rows">
          {job.rows === null ? <Nothing /> : <span className="number">{formatCount(job.rows)}</span>}
        </Fact>
        <Fact name="Unfinished">
          <span className="number">{job.running}</span> running, <span className="number">{job.pending}</span> waiting
        </Fact>
      </dl>
    </section>
  );
}

/** What its definition says. */
export function JobDefinition({ job }: { readonly job: JobDetail }): ReactElement {
  return (
    <details className="card job-definition">
      <summary>
        <h2>Definition</h2>
        <span className="muted">
          {job.kind}
          {job.layer === null ? "" : `, ${job.layer}`}
          {job.file === null ? "" : `, ${job.file}`}
        </span>
      </summary>
      {job.purpose === null ? null : <p>{job.purpose}</p>}
      <dl className="facts">
        <Fact name="Reads">
          <DatasetNames names={job.inputs} />
        </Fact>
        <Fact name="Publishes">
          <DatasetNames names={job.outputs} />
        </Fact>
        <Fact name="Retry">
          {job.retry.attempts} {job.retry.attempts === 1 ? "attempt" : "attempts"}, {job.retry.description}
        </Fact>
        <Fact name="Timeout">
          <Duration ms={job.timeout_ms} />
        </Fact>
        <Fact name="Expected">{job.sla ?? <Nothing />}</Fact>
        <Fact name="At once">{job.concurrency ?? "no limit"}</Fact>
        <Fact name="Isolation">{job.isolation}</Fact>
        <Fact name="Connections">
          {job.connections.length === 0 ? <Nothing /> : <Link to="/connections">{job.connections.join(", ")}</Link>}
        </Fact>
        <Fact name="Pipelines">
          {job.pipelines.length === 0 ? <Nothing /> : null}
          {job.pipelines.map((name) => (
            <Link key={name} to="/jobs/$jobName" params={{ jobName: name }}>
              {name}{" "}
            </Link>
          ))}
        </Fact>
      </dl>
    </details>
  );
}

function DatasetNames({ names }: { readonly names: readonly string[] }): ReactElement {
  if (names.length === 0) return <Nothing />;
  return (
    <span className="links">
      {names.map((name) => (
        <Link key={name} to="/datasets/$dataset" params={{ dataset: name }}>
          {name}
        </Link>
      ))}
    </span>
  );
}

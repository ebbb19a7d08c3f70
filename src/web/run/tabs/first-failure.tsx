// Shows the first failure in a pipeline run with the lines that it logged: people open a failed run for this answer.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon } from "../../components/values/icon.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { RelativeTime } from "../../components/values/time.tsx";
import { useApi } from "../../queries/use-api.ts";
import { LastLines } from "../logs/last-lines.tsx";
import { RunErrorBox } from "../run-error.tsx";

/** @param runId the run that failed, not the one whose page it is */
export function FirstFailure({ runId }: { readonly runId: string }): ReactElement {
  const { data } = useApi("showRun", { params: { run_id: runId } });
  if (data === undefined) return <Skeleton lines={4} label="Loading the first failure" />;
  return (
    <section className="first-failure" aria-label="First failure">
      <p className="first-failure-head">
        <Icon name="cross" /> First failure:{" "}
        <Link to="/runs/$runId" params={{ runId }}>
          <strong>{data.job_name}</strong> {runId}
        </Link>{" "}
        <span className="muted">
          attempt {data.attempt}, <RelativeTime at={data.finished_at} />
        </span>
      </p>
      {data.error === null ? null : <RunErrorBox error={data.error} jobName={data.job_name} />}
      <LastLines runId={runId} />
    </section>
  );
}

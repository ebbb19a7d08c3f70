// Why runs are where they are, and why jobs start when they do, on the wire.
import type { Explanation, JobExplanation } from "../../api/run.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { JobExplanation as ExplainedJob } from "../../orchestrator/explain/explain-job.ts";
import type { RunExplanation } from "../../orchestrator/explain/explain-run.ts";

export function toExplanation(explanation: RunExplanation): Explanation {
  const { runId, job, state, summary, details, remedy, because } = explanation;
  return {
    run_id: formatRunId(runId),
    job_name: job,
    state,
    summary,
    details,
    remedy: remedy ?? null,
    because: because.map(toExplanation),
  };
}

export function toJobExplanation(job: string, { summary, details, remedy, run }: ExplainedJob): JobExplanation {
  return {
    job_name: job,
    summary,
    details,
    remedy: remedy ?? null,
    run: run === undefined ? null : toExplanation(run),
  };
}

// The end of a pipeline run: it becomes ready when its last job has ended, and is as good as its worst job.
import type { ClaimedRun, Settlement } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

const maxNamed = 5;

/** FINISHED when all jobs are, FINISHED (partial) when one was partial, ERROR naming the failed jobs otherwise. */
export async function closePipeline(store: Store, run: ClaimedRun): Promise<Settlement> {
  const fence = { runId: run.runId, epoch: run.epoch };
  const counts = await store.countChildren(run.runId);
  const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const failed = counts.ERROR ?? 0;
  if (failed > 0)
    return { ...fence, end: "failed", reason: "failed", error: await describeFailures(store, run, failed, jobs) };
  const children = await store.listRuns({ parentRunId: run.runId, state: "FINISHED", limit: jobs });
  const partialJobs = children.filter((child) => child.reason === "partial").length;
  const skipped = children.filter((child) => child.reason === "skipped").length;
  const result = { jobs, ...(skipped === 0 ? {} : { skipped }) };
  return partialJobs === 0
    ? { ...fence, end: "finished", result }
    : { ...fence, end: "finished", reason: "partial", result };
}

async function describeFailures(
  store: Store,
  run: ClaimedRun,
  failed: number,
  jobs: number,
): Promise<Extract<Settlement, { end: "failed" }>["error"]> {
  const children = await store.listRuns({ parentRunId: run.runId, state: "ERROR", limit: 1_000 });
  // Jobs that were cancelled because of the first failure explain nothing.
  const causes = children.filter((child) => child.reason !== "upstream_failed");
  const names = causes.slice(0, maxNamed).map((child) => `\`${child.job}\``);
  const more = causes.length > maxNamed ? ` and ${causes.length - maxNamed} more` : "";
  return {
    code: "JOB_FAILED",
    message: `${failed} of ${jobs} jobs did not finish; failed: ${names.join(", ")}${more}`,
    disposition: "fail",
    origin: "user-code",
  };
}

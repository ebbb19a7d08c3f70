// From what a person types to a run and the jobs in it.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, parseRunId, type RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

/** The run named by an id, or by `last`: the newest that belongs to no other. @throws MillraceError `RUN_UNKNOWN` | `VALUE_INVALID` */
export async function findRun(store: Store, text: string): Promise<RunSummary> {
  if (text === "last") {
    const [newest] = await store.listRuns({ rootsOnly: true, limit: 1 });
    if (newest !== undefined) return newest;
    throw new MillraceError("RUN_UNKNOWN", "there is no run yet", { hint: "`millrace run <name>` starts one" });
  }
  const runId = parseRunId(text);
  const run = await store.findRun(runId);
  if (run !== undefined) return run;
  throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``, {
    hint: "`millrace runs` lists the runs",
  });
}

/** The jobs of a pipeline run in order, or the job run itself. */
export async function listJobsOf(store: Store, run: RunSummary): Promise<readonly RunSummary[]> {
  if (run.kind === "job") return [run];
  const jobs: RunSummary[] = [];
  for (let before: RunId | undefined; ;) {
    const page = await store.listRuns({
      parentRunId: run.id,
      limit: pageSize,
      ...(before === undefined ? {} : { before }),
    });
    jobs.push(...page);
    before = page.at(-1)?.id;
    if (before === undefined || page.length < pageSize) return jobs.reverse();
  }
}

const pageSize = 1_000;

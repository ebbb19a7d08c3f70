// Whether the tables of an output say that a run has published there.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { EarlierRun } from "../../core/job/job-context.ts";
import { toRunKey } from "../publication-order.ts";
import { openTargets } from "../targets/target-registry.ts";
import type { PublishScope } from "../publish/publish-scope.ts";

/** True when each of the tables does. One that lacks the rows of the run, and one that remembers no runs, says no. */
export async function remembersRun(
  output: DatasetOutput,
  run: EarlierRun,
  { engine, paths }: Pick<PublishScope, "engine" | "paths">,
): Promise<boolean> {
  const writer = { runKey: toRunKey(run.runId, run.createdAtMs), dataset: output.dataset };
  await using session = await engine.open();
  for (const target of openTargets(output, paths)) {
    if (!(await target.hasPublished(session, writer))) return false;
  }
  return true;
}

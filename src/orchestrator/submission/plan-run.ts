// Works out what a run would do, without doing it.
import type { Job } from "../../core/job/job.ts";
import type { JobLayer } from "../../core/job/job-options.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { assertRunnable } from "../../core/job/run-job.ts";

export interface PlannedJob {
  readonly job: string;
  readonly description: string | undefined;
  readonly layer: JobLayer | undefined;
  /** `because` names the dataset of an inferred edge. */
  readonly dependsOn: readonly { readonly job: string; readonly because: string | undefined }[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The jobs of a run in an order in which they could be done one by one. */
export interface RunPlan {
  readonly name: string;
  readonly kind: "job" | "pipeline";
  readonly jobs: readonly PlannedJob[];
  /** What a person should know before starting it. */
  readonly notices: readonly string[];
}

/** @throws MillraceError `CONFIG_INVALID` | `PARAMS_INVALID` for the first job that could not start */
export function planRun(
  target: Job | JobPipeline<string>,
  params: Readonly<Record<string, unknown>>,
  configOf: (job: string) => unknown,
): RunPlan {
  const nodes = target.kind === "job" ? [{ job: target, dependsOn: [] }] : target.nodes();
  for (const { job } of nodes) assertRunnable(job, configOf(job.name), params);
  const external = target.kind === "job" ? target.inputs : target.externalInputs();
  const notices = external.map(
    (dataset) => `dataset \`${dataset}\` is read but not published by this run; it must exist`,
  );
  return { name: target.name, kind: target.kind, jobs: nodes.map(toPlannedJob), notices };
}

function toPlannedJob({ job, dependsOn }: { job: Job; dependsOn: PlannedJob["dependsOn"] }): PlannedJob {
  const { name, description, layer, inputs, outputs } = job;
  return { job: name, description, layer, dependsOn, inputs, outputs };
}

// From the name in a path to the job it means: one that the project defines, or one of which the store has runs.
import { MillraceError } from "../core/errors/errors.ts";
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import type { ServerServices } from "./server-services.ts";

/**
 * The definition. @throws MillraceError `JOB_UNKNOWN`, with the closest name where there is one
 */
export function requireDefinition(
  services: Pick<ServerServices, "definitions">,
  name: string,
): Job | JobPipeline<string> {
  const definitions = services.definitions();
  const found = definitions.pipelines.get(name) ?? definitions.jobs.get(name);
  if (found !== undefined) return found;
  if (name.length > maxNameLength) throw unknownJob(name);
  return definitions.find(name);
}

/** A job may be known to other processes only; then its runs are in the store. @throws MillraceError `JOB_UNKNOWN` */
export async function requireJobName(
  services: Pick<ServerServices, "definitions" | "store">,
  name: string,
): Promise<void> {
  const { jobs, pipelines } = services.definitions();
  if (jobs.has(name) || pipelines.has(name)) return;
  if (name.length > maxNameLength) throw unknownJob(name);
  if ((await services.store.listRuns({ job: name, limit: 1 })).length === 0) requireDefinition(services, name);
}

// Looking for the closest of many names takes its time, and no job has a name that long.
const maxNameLength = 120;

function unknownJob(name: string): MillraceError {
  return new MillraceError("JOB_UNKNOWN", `unknown job or pipeline \`${name.slice(0, 100)}…\``);
}

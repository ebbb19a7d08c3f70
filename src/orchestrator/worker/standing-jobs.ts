// Jobs whose runs have no end of their own: workers of streams. They take no slot, wait for nobody and keep nobody waiting.
import type { JobRegistry } from "../attempt/job-registry.ts";

/** Whether runs of the job go on until somebody ends them. False for a job that this process does not have. */
export function isStanding(job: string, registry: Pick<JobRegistry, "names" | "job">): boolean {
  return registry.names.has(job) && registry.job(job).stream?.replicas !== undefined;
}

/** All of them. */
export function standingJobs(registry: Pick<JobRegistry, "names" | "job">): ReadonlySet<string> {
  return new Set([...registry.names].filter((job) => isStanding(job, registry)));
}

// The jobs this process can run. The composition root fills it; the orchestrator never imports a job.
import { MillraceError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import { suggest } from "../core/suggest.ts";

/** Jobs by name. */
export interface JobRegistry {
  /** What a worker of this process can claim. */
  readonly names: ReadonlySet<string>;
  /** @throws MillraceError `JOB_UNKNOWN` with the closest known name */
  job(name: string): Job;
}

/** A registry over a fixed set of jobs. */
export function createJobRegistry(jobs: Iterable<Job>): JobRegistry {
  const byName = new Map([...jobs].map((job) => [job.name, job]));
  return {
    names: new Set(byName.keys()),
    job(name) {
      const job = byName.get(name);
      if (job !== undefined) return job;
      throw new MillraceError("JOB_UNKNOWN", `unknown job \`${name}\`${suggest(name, byName.keys())}`, {
        hint: "this process does not have its code; `millrace jobs` lists what it has",
      });
    },
  };
}

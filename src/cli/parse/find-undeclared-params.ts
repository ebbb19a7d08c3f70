// Params that no job of a run declares: most often a slip of the pen, because a run drops them.
import { z } from "zod";
import type { Job } from "../../core/job/job.ts";
import { suggest } from "../../core/errors/suggest.ts";

/** A notice for each param that none of the jobs declares, when at least one of them declares any. */
export function findUndeclaredParams(jobs: readonly Job[], names: readonly string[]): string[] {
  const declared = new Set(
    jobs.flatMap(({ params }) => (params instanceof z.ZodObject ? Object.keys(params.shape) : [])),
  );
  // Jobs without declared params take whatever comes.
  if (declared.size === 0) return [];
  return names
    .filter((name) => !declared.has(name))
    .map((name) => `no job of this run declares the param \`${name}\`${suggest(name, declared)}`);
}

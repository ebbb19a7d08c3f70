// Puts jobs that collect into the pipelines that they are part of. What needs a look comes first.
import type { CollectedJob } from "../../api/collection.ts";

export interface CollectionGroup {
  /** `undefined` for jobs of no pipeline. */
  readonly pipeline: string | undefined;
  readonly jobs: readonly CollectedJob[];
  /** How many of them need a look. */
  readonly troubled: number;
}

export interface CollectionFilter {
  /** In the name of the job or of its pipeline. */
  readonly q?: string | undefined;
  readonly trouble?: boolean | undefined;
}

/** A job of several pipelines is listed with the first of them. */
export function groupJobs(
  jobs: readonly CollectedJob[],
  { q = "", trouble = false }: CollectionFilter = {},
): readonly CollectionGroup[] {
  const text = q.trim().toLowerCase();
  const found = jobs.filter(
    (job) =>
      (!trouble || needsLook(job)) &&
      [job.job_name, ...job.pipelines].some((name) => name.toLowerCase().includes(text)),
  );
  const groups = [...Map.groupBy(found, ({ pipelines: [first] }) => first)].map(([pipeline, members]) => ({
    pipeline,
    jobs: members.toSorted((a, b) => rankOf(a) - rankOf(b)),
    troubled: members.filter(needsLook).length,
  }));
  // Jobs of no pipeline stand at the end of their rank.
  return groups.toSorted(
    (a, b) =>
      Number(a.troubled === 0) - Number(b.troubled === 0) ||
      Number(a.pipeline === undefined) - Number(b.pipeline === undefined) ||
      compare(a.pipeline ?? "", b.pipeline ?? ""),
  );
}

/** It failed, lacks something, or shows what a service said before. */
export function needsLook({ state, reason, coverage, stale_since: staleSince }: CollectedJob): boolean {
  const isShort = coverage !== null && (coverage.failed > 0 || coverage.behind > 0);
  return state === "ERROR" || reason === "partial" || isShort || staleSince !== null;
}

/** Errors, then what is there in part, then what is old. */
function rankOf(job: CollectedJob): number {
  if (job.state === "ERROR") return 0;
  if (job.reason === "partial" || (job.coverage?.failed ?? 0) > 0) return 1;
  return needsLook(job) ? 2 : 3;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

// Publishes what a load job loads, one publication after the other. What one of them has done is remembered for the life of the
// run, so that a later attempt begins with the first that is missing.
import type { Job } from "../core/job/job.ts";
import type { JobContext } from "../core/job/job-context.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { toJobEnding } from "../core/job/outcome.ts";
import type { PublishedResult } from "../data/jobs/publish-as-result.ts";
import type { PlannedLoad } from "./plan-loads.ts";

/** A publication and the job that makes it. */
export interface LoadStep {
  readonly load: PlannedLoad;
  readonly job: Job<string, unknown, PublishedResult>;
}

/** What a run hands to its dependents and to its history. */
export interface LoadResult {
  /** In the order in which they were loaded. */
  readonly loads: readonly LoadedResult[];
}

export interface LoadedResult extends PublishedResult {
  /** The keys of the loaders whose places have the rows now. */
  readonly loaders: readonly string[];
}

/** @throws MillraceError what publishing throws; what was published before that stays */
export async function runLoads(ctx: JobContext, steps: readonly LoadStep[]): Promise<LoadResult> {
  const loads: LoadedResult[] = [];
  for (const { load, job } of steps) {
    const loaders = load.loaders.map(({ key }) => key);
    const published = await ctx.step(`load ${load.output.dataset}`, () => publish(ctx, job));
    loads.push({ loaders, ...published });
  }
  return { loads };
}

/** A source that is read at once has no parts that could fail alone. */
async function publish(ctx: JobContext, job: LoadStep["job"]): Promise<PublishedResult> {
  const ending = toJobEnding(await job.execute(ctx));
  if (ending.outcome === "done") return ending.result as PublishedResult;
  throw new MillraceError("INTERNAL", `a publication of job \`${job.name}\` ended \`${ending.outcome}\``);
}

// Ends a declarative job: it publishes, logs what was unusual, and returns the counts.
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";

/** What a declarative job hands to its dependents and to its history. */
export interface PublishedResult {
  readonly dataset: string;
  readonly version: number;
  /** False when the rows were those of the latest version, so that no new one was made. */
  readonly changed: boolean;
  /** Rows written by this run. */
  readonly rows: number;
  /** Rows in the dataset now. */
  readonly rowCount: number;
  readonly quarantined: number;
}

/** Publishes through the run's data access; warnings go to the run's log. */
export async function publishAsResult(ctx: JobContext, request: PublishRequest): Promise<PublishedResult> {
  const { dataset, changed, rows, quarantined, warnings } = await ctx.data.publish(request);
  for (const warning of warnings) ctx.log.warn(warning);
  const { dataset: name, version, rowCount } = dataset;
  return { dataset: name, version, changed, rows, rowCount, quarantined };
}

/** What a run returns that had nothing to publish. */
export async function unchangedResult(ctx: JobContext, dataset: string): Promise<PublishedResult> {
  const { version, rowCount } = await latest(ctx, dataset);
  return { dataset, version, changed: false, rows: 0, rowCount, quarantined: 0 };
}

async function latest(
  ctx: JobContext,
  dataset: string,
): Promise<{ readonly version: number; readonly rowCount: number }> {
  try {
    return await ctx.data.dataset(dataset);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "DATASET_UNKNOWN") return { version: 0, rowCount: 0 };
    throw error;
  }
}

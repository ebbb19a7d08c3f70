// What the jobs of delivery share: which datasets there are, what a run publishes one after the other, and what it returns.
import type { Check } from "../../core/dataset/check.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishResult } from "../../core/job/job-context.ts";

export interface Publication {
  readonly dataset: string;
  readonly sql: string;
  /** Datasets that the statement reads. */
  readonly inputs: readonly string[];
  readonly key: readonly string[];
  /** The column whose values that came give way to the rows that came. Default: all rows are replaced. */
  readonly by?: string;
  /** What has to hold of the rows before they are published. */
  readonly checks?: readonly Check[];
}

export interface PublishedFigures {
  /** Rows in each dataset now. */
  readonly rows: Readonly<Record<string, number>>;
  /** Datasets that have got a new version. */
  readonly changed: readonly string[];
}

/** The names among these of datasets that have been published. */
export async function findKnown(ctx: JobContext, names: readonly string[]): Promise<ReadonlySet<string>> {
  const known = await Promise.all(
    names.map(async (name) => {
      try {
        await ctx.data.dataset(name);
        return [name];
      } catch (error) {
        if (error instanceof MillraceError && error.code === "DATASET_UNKNOWN") return [];
        throw error;
      }
    }),
  );
  return new Set(known.flat());
}

/** @throws MillraceError `DATASET_UNKNOWN` naming the first that is missing */
export function assertKnown(known: ReadonlySet<string>, needed: readonly string[]): void {
  const missing = needed.find((name) => !known.has(name));
  if (missing === undefined) return;
  throw new MillraceError("DATASET_UNKNOWN", `no run has published the dataset \`${missing}\``, {
    hint: "run the job that collects it first, or say its `prefix`",
  });
}

/** Publishes rows of one statement; warnings go to the log of the run. */
export async function publishFigures(ctx: JobContext, publication: Publication): Promise<PublishResult> {
  const { dataset, sql, inputs, key, by, checks = [] } = publication;
  const output =
    by === undefined
      ? ({ dataset, mode: "replace", key } as const)
      : ({ dataset, mode: "delete_insert", by, key } as const);
  const published = await ctx.data.publish({ sql, inputs, output, checks });
  for (const warning of published.warnings) ctx.log.warn(warning);
  return published;
}

export function toFigures(published: readonly PublishResult[]): PublishedFigures {
  return {
    rows: Object.fromEntries(published.map(({ dataset }) => [dataset.dataset, dataset.rowCount])),
    changed: published.filter(({ changed }) => changed).map(({ dataset }) => dataset.dataset),
  };
}

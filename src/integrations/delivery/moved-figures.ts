// Which figures another version of the rules has moved: those over all time, before and after.
import type { JobContext } from "../../core/job/job-context.ts";

export interface FigureDataset {
  readonly dataset: string;
  /** The column with what a figure is of. */
  readonly subject: string;
}

/** Figures over all time by dataset, subject and metric; of datasets that are there. */
export type OverallFigures = ReadonlyMap<string, unknown>;

export async function readOverall(ctx: JobContext, datasets: readonly FigureDataset[]): Promise<OverallFigures> {
  const found = new Map<string, unknown>();
  for (const { dataset, subject } of datasets) {
    const sql = `select ${subject} as subject, metric, value from ${dataset} where period = 'all'`;
    for (const row of await ctx.data.query(sql, [dataset])) {
      found.set(JSON.stringify([row["metric"], dataset, row["subject"]]), row["value"]);
    }
  }
  return found;
}

/** @returns how many figures of each metric are other ones, have come or are gone; told in the log, too */
export function countMoved(
  { log }: JobContext,
  before: OverallFigures,
  after: OverallFigures,
): Readonly<Record<string, number>> {
  const moved = new Map<string, number>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(key) === after.get(key)) continue;
    const parsed: unknown = JSON.parse(key);
    const metric = Array.isArray(parsed) ? String(parsed[0]) : key;
    moved.set(metric, (moved.get(metric) ?? 0) + 1);
    if (moved.size + (moved.get(metric) ?? 0) < 50) log.info(`other rules moved ${metric}`, { figure: key });
  }
  if (moved.size > 0) log.warn(`the rules of delivery have changed, and ${moved.size} metrics have moved`);
  return Object.fromEntries([...moved].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

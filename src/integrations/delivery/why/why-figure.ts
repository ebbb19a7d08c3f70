// Lists the rows behind one figure, for jobs and notebooks; screens and the command line ask the same of a server.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { JobContext } from "../../../core/job/job-context.ts";
import type { FigurePeriod } from "../../../core/delivery/figure-metrics.ts";
import {
  type FigurePoint,
  type FigureStatement,
  figureStatement,
  rowsStatement,
  settlePoint,
} from "../../../core/delivery/figure-statements.ts";
import { quote } from "../sql-values.ts";

export interface FigureExplanation {
  readonly metric: string;
  readonly unit: string;
  /** The service, project or sprint. */
  readonly of: string;
  /** Null where the metric has no periods. */
  readonly period: FigurePeriod | null;
  readonly startAt: Date | null;
  /** Not in it any more. */
  readonly endAt: Date | null;
  /** Null when it is not known. */
  readonly value: number | null;
  /** The dataset that the rows are of. */
  readonly dataset: string;
  /** The newest first, with `figure_value`: what each adds, null where it should have a value and has none. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The rows behind one point of a metric of `delivery_dora`, `delivery_pull_request_figures`, `jira_flow`, `sprint_metrics` or `project_health`.
 * @param metric such as `deployment_frequency`
 * @throws MillraceError `THING_UNKNOWN` for a metric or point that is none, `VALUE_INVALID` for a point that the metric cannot have,
 *   `DATASET_UNKNOWN` before its figures were computed
 */
export async function whyFigure(
  ctx: Pick<JobContext, "data">,
  metric: string,
  point: FigurePoint,
): Promise<FigureExplanation> {
  const settled = settlePoint(metric, point);
  const [figure] = await read(ctx, figureStatement(settled));
  if (figure === undefined) {
    throw new MillraceError(
      "THING_UNKNOWN",
      `there is no figure \`${metric}\` of ${settled.subject} \`${settled.of}\` at that time`,
    );
  }
  const [startMs, endMs] = [toNumber(figure["start_ms"]), toNumber(figure["end_ms"])];
  const { rows } = settled.metric;
  return {
    metric,
    unit: settled.metric.unit,
    of: settled.of,
    period: settled.period,
    startAt: startMs === null ? null : new Date(startMs),
    endAt: endMs === null ? null : new Date(endMs),
    value: toNumber(figure["value"]),
    dataset: rows.dataset,
    rows: await read(ctx, rowsStatement(settled, { startMs, endMs }, undefined)),
  };
}

async function read(
  { data }: Pick<JobContext, "data">,
  { sql, values, inputs }: FigureStatement,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  // in one pass: what a value says is never looked at for names
  const bound = sql.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name] ?? null;
    return typeof value === "string" ? quote(value) : String(value);
  });
  return await data.query(bound, inputs);
}

function toNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

// `millrace metrics`: the business figures of a job, or the values of one of them run by run.
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { readPages } from "../../control/read-pages.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { printJobMetrics, printMetricHistory } from "../../print/print-metrics.ts";

export interface MetricsOptions {
  readonly limit: string;
  readonly json?: true;
}

const maxLimit = 10_000;

/** @throws MillraceError `JOB_UNKNOWN` | `USAGE_INVALID` */
export async function metrics(
  context: CommandContext,
  options: MetricsOptions,
  job: string,
  metric: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  if (metric === undefined) {
    const { items } = await plane.call("listJobMetrics", { params: { job_name: job } });
    if (options.json) terminal.json({ items });
    else if (items.length === 0) terminal.note("no figures yet; a job records them with `ctx.metric`");
    else printJobMetrics(terminal, items, Date.now());
    return exitCodes.ok;
  }
  const limit = parseInteger("--limit", options.limit, { most: maxLimit });
  const params = { job_name: job, metric };
  const { items } = await readPages((query) => plane.call("listMetricHistory", { params, query }), { limit });
  if (options.json) terminal.json({ items });
  else if (items.length === 0) terminal.note(`no run of \`${job}\` has recorded \`${metric}\``);
  else printMetricHistory(terminal, items, Date.now());
  return exitCodes.ok;
}

// `millrace figures`: which figures there are, the rows that one of them is made of, and all of these as a file.
import type { FigurePointQuery, FigureRowsPage } from "../../../api/delivery/figure-rows.ts";
import { figureMetrics } from "../../../core/delivery/figure-metrics.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ExportFormat } from "../../../core/export-format.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { saveDownload } from "../../control/save-download.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { printRows } from "../../print/print-rows.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface FiguresOptions {
  readonly service?: string;
  readonly projectKey?: string;
  readonly sprint?: string;
  readonly period?: "week" | "month" | "all";
  readonly at?: string;
  readonly limit: string;
  readonly format: ExportFormat;
  readonly to?: string;
  readonly json?: true;
}

export type FiguresAction = "list" | "why" | "export";

/** @throws MillraceError `THING_UNKNOWN` | `DATASET_UNKNOWN` | `REQUEST_INVALID` | `USAGE_INVALID` */
export async function figures(
  context: CommandContext,
  options: FiguresOptions,
  action: FiguresAction,
  metric: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  if (action === "list") return list(terminal, options);
  if (metric === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected the name of a figure to ${action}`, {
      hint: "`millrace figures` lists them",
    });
  }
  await using plane = await openControlPlane(context);
  if (action === "why") return await why(terminal, plane, options, metric);
  const { format } = options;
  const input = { params: { metric }, query: { ...pointOf(options), format } } as const;
  return await saveDownload(context, await plane.download("exportFigureRows", input), {
    to: options.to ?? `${metric}.${format}`,
  });
}

function list(terminal: Terminal, { json }: FiguresOptions): ExitCode {
  const items = [...figureMetrics].map(([metric, { subject, unit, periods, rows }]) => ({
    metric,
    subject,
    unit,
    periods,
    dataset: rows.dataset,
  }));
  if (json) terminal.json({ items });
  else {
    const titles = ["METRIC", "OF A", "UNIT", "PERIODS", "ROWS OF"].map((title) => ({ title, shrink: true }) as const);
    const lines = items.map((item) => [item.metric, item.subject, item.unit, item.periods.join(" "), item.dataset]);
    for (const line of formatTable(titles, lines, terminal.width)) terminal.out(line);
  }
  return exitCodes.ok;
}

async function why(
  terminal: Terminal,
  plane: ControlPlane,
  options: FiguresOptions,
  metric: string,
): Promise<ExitCode> {
  const limit = parseInteger("--limit", options.limit, { most: maxRows });
  const page = await plane.call("listFigureRows", { params: { metric }, query: { ...pointOf(options), limit } });
  if (options.json) terminal.json(page);
  else {
    terminal.out(printable(describe(page)));
    if (page.items.length > 0) {
      terminal.out("");
      printRows(terminal, { columns: page.columns, items: page.items, has_more: page.next_cursor !== null });
    }
  }
  return exitCodes.ok;
}

const maxRows = 500;

function describe({
  figure: { metric, subject, of, value, unit, n, period, start_at: start, end_at: end },
  dataset,
}: FigureRowsPage): string {
  const shown = value === null ? "unknown" : `${value} ${unit}`;
  const span = start === null || end === null ? "" : `, ${period ?? ""} from ${start} to ${end}`;
  return `${metric} of ${subject} ${of}: ${shown}${n === null ? "" : ` of ${n}`}${span}; rows of ${dataset}`;
}

function pointOf({ service, projectKey: project, sprint, period, at }: FiguresOptions): FigurePointQuery {
  const parts = Object.entries({ service, project, sprint, period, at }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(parts);
}

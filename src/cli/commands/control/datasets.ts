// `millrace datasets`: what was published, its rows, making a dataset as if no run had published it, newer keys for its values, and
// care for its files.
import type { DatasetView } from "../../../api/datasets/dataset.ts";
import type { DatasetReset } from "../../../api/datasets/quarantine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { followRun } from "../../control/follow-run.ts";
import { formatAgo } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { type DatasetCareOptions, optimize, vacuum } from "./dataset-care.ts";
import { type DatasetRowsOptions, exportDataset, headDataset, queryDatasets, showDataset } from "./dataset-rows.ts";

export interface DatasetsOptions extends DatasetRowsOptions, DatasetCareOptions {
  readonly yes?: true;
}

export type DatasetsAction = "list" | "show" | "head" | "query" | "export" | "reset" | "rekey" | "vacuum" | "optimize";

/** @throws MillraceError `DATASET_UNKNOWN` | `USAGE_INVALID` */
export async function datasets(
  context: CommandContext,
  options: DatasetsOptions,
  action: DatasetsAction,
  dataset: string | undefined,
): Promise<ExitCode> {
  await using plane = await openControlPlane(context);
  if (action === "list") return await list(context, plane, options);
  if (dataset === undefined) {
    const what = action === "query" ? "a `select` over datasets, in quotes" : `the name of a dataset to ${action}`;
    throw new MillraceError("USAGE_INVALID", `expected ${what}`);
  }
  return await actions[action](context, plane, options, dataset);
}

const actions = {
  show: showDataset,
  head: headDataset,
  query: queryDatasets,
  export: exportDataset,
  reset,
  rekey,
  vacuum,
  optimize,
} as const;

async function list({ terminal }: CommandContext, plane: ControlPlane, options: DatasetsOptions): Promise<ExitCode> {
  const { items } = await plane.call("listDatasets", { query: {} });
  if (options.json) terminal.json({ items });
  else if (items.length === 0) terminal.note("no datasets yet; a job that publishes one makes it");
  else printList(terminal, items);
  return exitCodes.ok;
}

function printList(terminal: Terminal, items: readonly DatasetView[]): void {
  const nowMs = Date.now();
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "VERSION", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "SET ASIDE", align: "right" },
    { title: "PUBLISHED" },
    { title: "BY", shrink: true },
  ] as const;
  const rows = items.map(
    ({ dataset, version, row_count: count, quarantined, created_at: at, job_name: job, stale }) => [
      dataset,
      version === 0 ? "" : String(version),
      count === null ? "" : String(count),
      quarantined === null ? "" : String(quarantined),
      `${at === null ? "never" : formatAgo(Date.parse(at), nowMs)}${stale === null ? "" : ", stale"}`,
      job ?? "",
    ],
  );
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

async function reset(
  context: CommandContext,
  plane: ControlPlane,
  options: DatasetsOptions,
  dataset: string,
): Promise<ExitCode> {
  const { terminal } = context;
  const body = {
    ...(options.yes && !options.dryRun ? {} : { preview: true }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const plan = await plane.call("resetDataset", { params: { dataset }, body });
  const { run_id: runId } = plan;
  if (runId === null && options.json) terminal.json(plan);
  else if (!options.json) printPlan(terminal, plan);
  if (runId === null) return exitCodes.ok;
  await using _worker = await plane.work();
  return await followRun(context, plane, runId, options);
}

function printPlan(terminal: Terminal, plan: DatasetReset): void {
  const { datasets: names, versions, tables, shared, watermarks, run_id: runId } = plan;
  const place = ({ format, path, table }: DatasetReset["tables"][number]): string =>
    `${format} ${path}${table === null ? "" : `, table ${table}`}`;
  const lines = [
    `${runId === null ? "would reset" : "resets"} ${names.join(", ")}`,
    `  forgets ${formatCountOf(versions, "version")}`,
    ...tables.map((table) => `  deletes ${place(table)}`),
    ...shared.map((table) => `  keeps ${place(table)}, where another dataset is, too`),
    ...watermarks.map(({ job_name: job, name, value }) => `  forgets watermark ${name} of ${job}, at ${value}`),
  ];
  for (const line of lines) terminal.out(printable(line));
  if (runId === null) terminal.note("nothing was changed; `--yes` does it");
}

async function rekey(
  context: CommandContext,
  plane: ControlPlane,
  options: DatasetsOptions,
  dataset: string,
): Promise<ExitCode> {
  const { reason } = options;
  const body = reason === undefined ? {} : { reason };
  const { run_id: runId } = await plane.call("rekeyDataset", { params: { dataset }, body });
  await using _worker = await plane.work();
  return await followRun(context, plane, runId, options);
}

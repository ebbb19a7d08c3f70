// `millrace datasets show|head|query`: what a dataset is, its first rows, and those of a query over datasets.
import type { CatalogTableView, DatasetDetail, RowsView } from "../../../api/datasets/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ExportFormat } from "../../../core/export-format.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { saveDownload } from "../../control/save-download.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatAgo } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { printRows } from "../../print/print-rows.ts";
import { formatTable, type TableColumn } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface DatasetRowsOptions {
  readonly limit: string;
  readonly asOf?: string;
  /** Of `export`. */
  readonly format: ExportFormat;
  readonly to?: string;
  readonly json?: true;
}

/** One dataset: versions, columns and where it is. @throws MillraceError `DATASET_UNKNOWN` */
export async function showDataset(
  { terminal }: CommandContext,
  plane: ControlPlane,
  options: DatasetRowsOptions,
  dataset: string,
): Promise<ExitCode> {
  const detail = await plane.call("showDataset", {
    params: { dataset },
    query: { limit: parseInteger("--limit", options.limit, { most: maxRows }) },
  });
  if (options.json) terminal.json(detail);
  else printDetail(terminal, detail);
  return exitCodes.ok;
}

/** The first rows. @throws MillraceError `DATASET_UNKNOWN` | `SOURCE_MISSING` | `FORBIDDEN` */
export async function headDataset(
  { terminal }: CommandContext,
  plane: ControlPlane,
  options: DatasetRowsOptions,
  dataset: string,
): Promise<ExitCode> {
  const { asOf } = options;
  const query = {
    limit: parseInteger("--limit", options.limit, { most: maxRows }),
    ...(asOf === undefined ? {} : { version: parseInteger("--as-of", asOf) }),
  };
  const view = await plane.call("listDatasetRows", { params: { dataset }, query });
  // Whatever was published has columns.
  if (view.columns.length === 0) throw await neverPublished(plane, dataset);
  showRows(terminal, view, options);
  return exitCodes.ok;
}

async function neverPublished(plane: ControlPlane, dataset: string): Promise<MillraceError> {
  const { job_name: job } = await plane.call("showDataset", { params: { dataset }, query: { limit: 1 } });
  const hint = job === null ? {} : { hint: `\`millrace run ${job}\` publishes it` };
  return new MillraceError("DATASET_UNKNOWN", `no run has published dataset \`${dataset}\``, hint);
}

/** The first rows of one `select`. @throws MillraceError `SQL_INVALID` | `DATASET_UNKNOWN` | `FORBIDDEN` */
export async function queryDatasets(
  { terminal }: CommandContext,
  plane: ControlPlane,
  options: DatasetRowsOptions,
  sql: string,
): Promise<ExitCode> {
  const limit = parseInteger("--limit", options.limit, { most: maxRows });
  showRows(terminal, await plane.call("queryDatasets", { body: { sql, limit } }), options);
  return exitCodes.ok;
}

/** All rows as a file. @throws MillraceError `DATASET_UNKNOWN` | `FORBIDDEN` | `USAGE_INVALID` for a file that cannot be written */
export async function exportDataset(
  context: CommandContext,
  plane: ControlPlane,
  { format, to = "" }: DatasetRowsOptions,
  dataset: string,
): Promise<ExitCode> {
  const bytes = await plane.download("exportDataset", { params: { dataset }, query: { format } });
  return await saveDownload(context, bytes, { to: to === "" ? `${dataset}.${format}` : to });
}

const maxRows = 500;

function printDetail(terminal: Terminal, detail: DatasetDetail): void {
  const { dataset, version, row_count: rows, job_name: job, columns, locations, versions, freshness, stale } = detail;
  const facts = version === 0 ? "never published" : `version ${version}, ${formatCountOf(rows ?? 0, "row")}`;
  terminal.out(printable(`${dataset}: ${facts}${job === null ? "" : `, by ${job}`}`));
  if (freshness !== null) {
    const since = stale === null ? "" : `, stale since ${formatAgo(Date.parse(stale.since), Date.now())}`;
    terminal.out(printable(`  expected ${freshness}${since}`));
  }
  for (const { format, path, table } of locations) {
    terminal.out(printable(`  ${format} ${path}${table === null ? "" : `, table ${table}`}`));
  }
  if (detail.catalog !== null) for (const line of describeCatalog(detail.catalog)) terminal.out(printable(`  ${line}`));
  const origins = columns.map(describeOrigin);
  const hasOrigins = origins.some((origin) => origin !== "");
  const origin: readonly TableColumn[] = hasOrigins ? [{ title: "FROM", shrink: true }] : [];
  print(
    terminal,
    [{ title: "COLUMN" }, { title: "TYPE", shrink: true }, ...origin],
    columns.map(({ name, type }, index) => [name, type, ...(hasOrigins ? [origins[index] ?? ""] : [])]),
  );
  const nowMs = Date.now();
  const titles: readonly TableColumn[] = [
    { title: "VERSION", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "PUBLISHED" },
    { title: "RUN" },
    { title: "CHANGES", shrink: true },
  ];
  const lines = versions.map((of) => [
    String(of.version),
    String(of.row_count),
    formatAgo(Date.parse(of.created_at), nowMs),
    of.run_id,
    [...of.columns_added.map((name) => `+${name}`), ...of.columns_removed.map((name) => `-${name}`)].join(" "),
  ]);
  print(terminal, titles, lines);
  printChanges(terminal, detail.schema_changes, nowMs);
}

function describeCatalog(catalog: CatalogTableView): string[] {
  const { table, kind, owner, comment, grants, upstream, problem } = catalog;
  const facts = [kind, owner === null ? null : `owned by ${owner}`, comment, problem].filter((fact) => fact !== null);
  return [
    `catalog ${[table, ...facts].join(", ")}`,
    ...grants.map(({ principal, privileges }) => `  ${principal} may ${privileges.join(", ")}`),
    ...(upstream.length === 0 ? [] : [`  made of ${upstream.join(", ")}`]),
  ];
}

function printChanges(terminal: Terminal, changes: DatasetDetail["schema_changes"], nowMs: number): void {
  const columns: readonly TableColumn[] = [
    { title: "COLUMN CHANGED", shrink: true },
    { title: "HOW" },
    { title: "TYPE", shrink: true },
    { title: "WHEN" },
    { title: "RUN" },
  ];
  const rows = changes.map(({ column, kind, before, after, count, at, run_id: runId }) => [
    column,
    count === null ? kind : `${kind}, ${formatCountOf(count, "value")}`,
    [before, after].filter((type) => type !== null).join(" → "),
    formatAgo(Date.parse(at), nowMs),
    runId,
  ]);
  print(terminal, columns, rows);
}

/** What a column is made of, unless that is a column of the same name. */
function describeOrigin({ name, from }: DatasetDetail["columns"][number]): string {
  if (from === null || from.join() === name) return "";
  return from.length === 0 ? "a constant" : from.join(", ");
}

function print(terminal: Terminal, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  terminal.out("");
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

function showRows(terminal: Terminal, view: RowsView, options: DatasetRowsOptions): void {
  if (options.json) terminal.json(view);
  else printRows(terminal, view);
}

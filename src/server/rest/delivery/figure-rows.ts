// Reads rows of figures: what nobody has computed yet is no error but nothing, and values of the engine become those of answers.
import type { QueryRowsOptions, ShownRow } from "../../../core/dataset/dataset-reader.ts";
import type { ExportFormat } from "../../../core/export-format.ts";
import { type FileStream, exportTypes } from "../../file-stream.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";
import { assertOpen } from "../rows/sealed-datasets.ts";

/** Of the project, as its jobs of delivery publish them. */
export const figureDatasets = {
  dora: "delivery_dora",
  changes: "delivery_changes",
  deployments: "delivery_deployments",
  repositories: "github_repositories",
  sprints: "sprint_metrics",
  scope: "sprint_scope",
  burndown: "sprint_burndown",
  issueMetrics: "jira_issue_metrics",
  issues: "jira_issues",
  boards: "jira_boards",
  statusMapping: "jira_workflow_mapping",
  statusEdits: "jira_workflow_edits",
} as const;

export type FigureServices = Pick<ServerServices, "store" | "rows" | "definitions">;

export type FigureDataset = keyof typeof figureDatasets;

/** Datasets among these that were published. */
export async function findPublished(
  { store }: Pick<FigureServices, "store">,
  names: readonly FigureDataset[],
): Promise<ReadonlySet<FigureDataset>> {
  const found = await Promise.all(
    names.map(async (name) => ((await store.findDataset(figureDatasets[name])) === undefined ? [] : [name])),
  );
  return new Set(found.flat());
}

/** When a dataset got its newest version. */
export async function computedAt(services: Pick<FigureServices, "store">, name: FigureDataset): Promise<string | null> {
  return toInstantOrNull((await services.store.findDataset(figureDatasets[name]))?.createdAtMs);
}

export interface FigureQuery extends QueryRowsOptions {
  readonly sql: string;
}

/** @throws MillraceError `FORBIDDEN` for a dataset of credentials that has one of these names */
export async function readFigures(
  services: FigureServices,
  { sql, ...options }: FigureQuery,
  limit: number,
): Promise<readonly ShownRow[]> {
  assertOpen(services, await services.rows.listTables(withoutValues(sql, options.values)));
  return (await services.rows.query(sql, { ...options, limit })).rows;
}

/** All rows as a file. */
export async function exportFigures(
  services: FigureServices,
  { sql, ...options }: FigureQuery,
  { format, name }: { readonly format: ExportFormat; readonly name: string },
): Promise<FileStream> {
  assertOpen(services, await services.rows.listTables(withoutValues(sql, options.values)));
  const { bytes, size } = await services.rows.export(sql, { ...options, format });
  return { kind: "file_stream", fileName: toFileName(name, format), contentType: exportTypes[format], size, bytes };
}

/** Letters, digits, `-`, `_` and `.` of a name, with the format behind it. */
export function toFileName(name: string, format: ExportFormat): string {
  return `${name.replaceAll(/[^\w.-]+/g, "-").slice(0, 120)}.${format}`;
}

// A statement is only looked at for its tables here, so that any value will do.
function withoutValues(sql: string, values: QueryRowsOptions["values"] = {}): string {
  return Object.keys(values).reduce((text, name) => text.replaceAll(`{{${name}}}`, "null"), sql);
}

/** Null for NULL and for what is no number. */
export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function countOf(value: unknown): number {
  return numberOf(value) ?? 0;
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Of milliseconds since the epoch, as `epoch_ms` gives them. */
export function instantOf(value: unknown): string | null {
  const atMs = numberOf(value);
  return atMs === null ? null : toInstant(atMs);
}

/** Of a column that is never NULL. */
export function instantOfRow(value: unknown): string {
  return toInstant(countOf(value));
}

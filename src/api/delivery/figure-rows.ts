// The rows that one figure of delivery, pull requests, issues, sprints or health is made of.
import type { ExportFormat } from "../../core/export-format.ts";
import type { Instant, JsonValue, PageQuery } from "../page.ts";

export interface FigurePath {
  /** Such as `deployment_frequency`. */
  readonly metric: string;
}

/** Which point of the metric: of a service, a project or a sprint, whichever the metric is of. */
export interface FigurePointQuery {
  readonly service?: string;
  /** Its key. */
  readonly project?: string;
  /** Its id. */
  readonly sprint?: string;
  /** Default `month`, where the metric has it. */
  readonly period?: "week" | "month" | "all";
  /** A month (`2026-01`), a day or an instant in the period; default: the newest that has the figure. */
  readonly at?: string;
}

export interface FigureRowsQuery extends FigurePointQuery, PageQuery {}

export interface FigureExportQuery extends FigurePointQuery {
  readonly format: ExportFormat;
}

/** The rows, the newest first, each with all columns of `dataset` and `figure_value`, what it adds to the figure. */
export interface FigureRowsPage {
  readonly figure: ExplainedFigure;
  /** The dataset that the rows are of. */
  readonly dataset: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Whole numbers of 64 bits, decimals, dates and times are texts. */
  readonly items: readonly Readonly<Record<string, JsonValue>>[];
  readonly next_cursor: string | null;
}

export interface ExplainedFigure {
  readonly metric: string;
  readonly unit: string;
  readonly subject: "service" | "project" | "sprint";
  readonly of: string;
  /** Null where the metric has no periods. */
  readonly period: "week" | "month" | "all" | null;
  readonly start_at: Instant | null;
  /** Not in it any more. */
  readonly end_at: Instant | null;
  /** Null when it is not known, never 0 for that. */
  readonly value: number | null;
  /** Of how many it is; null where that is not counted. */
  readonly n: number | null;
}

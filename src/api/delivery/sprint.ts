// Sprints with what was committed, added, removed and completed, and the issues behind each of these. What is not known is null.
import type { ExportFormat } from "../../core/export-format.ts";
import type { Instant, Page, PageQuery } from "../page.ts";

export interface SprintsQuery extends PageQuery {
  readonly board?: number;
}

/** The newest start first. */
export interface SprintPage extends Page<Sprint> {
  /** That have sprints, by name. */
  readonly boards: readonly { readonly board_id: number; readonly name: string | null }[];
  /** When the figures were computed last. */
  readonly computed_at: Instant | null;
}

export interface Sprint {
  readonly sprint_id: number;
  readonly board_id: number | null;
  readonly name: string | null;
  readonly state: "active" | "closed";
  readonly start_at: Instant;
  readonly end_at: Instant | null;
  /** When it was closed. */
  readonly closed_at: Instant | null;
  readonly points: SprintFigures;
  readonly issues: SprintFigures;
  /** Issues that came into it without an estimate; they count 0 points. */
  readonly unestimated_issues: number;
  /** The part of its issues that has an estimate. */
  readonly coverage: number | null;
  /** Committed and completed, of what was committed; null while it is not over. */
  readonly completion_rate: number | null;
  /** Completed, of the scope at the end. */
  readonly completed_share: number | null;
  /** Mean points that the last closed sprints of the board completed, this one among them. */
  readonly velocity_points: number | null;
  readonly velocity_sprints: number | null;
}

/** Committed + added − removed = scope. */
export interface SprintFigures {
  readonly committed: number;
  readonly added: number;
  readonly removed: number;
  readonly scope: number;
  readonly completed: number;
  /** Null while it is not over. */
  readonly carried_over: number | null;
}

export interface SprintPath {
  readonly sprint_id: string;
}

export interface SprintDetail extends Sprint {
  /** Steps: what remains and what the scope is from that moment on. At most 2,000. */
  readonly burndown: readonly SprintStep[];
  readonly truncated: boolean;
}

export interface SprintStep {
  readonly at: Instant;
  readonly remaining_points: number;
  readonly scope_points: number;
  readonly completed_points: number;
}

export type SprintNumber = (typeof sprintNumbers)[number];

export const sprintNumbers = ["committed", "added", "removed", "completed", "carried_over"] as const;

export interface SprintIssuesQuery extends PageQuery {
  /** The number that is to be explained. */
  readonly of: SprintNumber;
}

/** What a number of a sprint is made of, in the order in which it happened. */
export interface SprintIssue {
  readonly issue_id: string;
  /** Null where the issue is no longer known. */
  readonly key: string | null;
  readonly summary: string | null;
  readonly type: string | null;
  readonly at: Instant;
  /** Such as `committed`, `added`, `estimated up`. */
  readonly change: string;
  /** What it adds to the number. */
  readonly points: number;
  readonly is_estimated: boolean;
}

export interface SprintExportQuery {
  readonly of: "sprints" | "issues" | "burndown";
  readonly format: ExportFormat;
  readonly board?: number;
  /** Needed for issues and burndown. */
  readonly sprint?: number;
}

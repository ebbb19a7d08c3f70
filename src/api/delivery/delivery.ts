// Figures of delivery by service and period, and the changes and deployments behind them. What is not known is null, never 0.
import type { BenchmarkBand } from "../../core/delivery/benchmark-band.ts";
import type { BenchmarkYear } from "../../core/delivery/benchmarks.ts";
import type { ExportFormat } from "../../core/export-format.ts";
import type { Instant, Page, PageQuery } from "../page.ts";

export type DeliveryPeriod = "week" | "month";

export interface DeliveryQuery {
  /** Default: the one with most deployments. */
  readonly service?: string;
  /** Default `week`. */
  readonly period?: DeliveryPeriod;
  /** How many of the newest; default 26. */
  readonly periods?: number;
  /** Begin of the period whose figures are given; default: the newest that is over. */
  readonly at?: Instant;
  /** Year of the table that figures are compared with; default the newest. */
  readonly benchmark?: BenchmarkYear;
}

export interface Delivery {
  /** By name, at most 1,000. Figures of several services are never blended. */
  readonly services: readonly string[];
  /** Null when no service has figures. */
  readonly service: string | null;
  readonly period: DeliveryPeriod;
  /** Oldest first. */
  readonly periods: readonly DeliverySpan[];
  /** The one that `figures` and `stages` are of. */
  readonly shown: DeliverySpan | null;
  readonly figures: readonly DeliveryFigure[];
  /** One for each figure, with a value for each of `periods`. */
  readonly series: readonly DeliverySeries[];
  readonly stages: DeliveryStages | null;
  /** The table that figures are compared with, and what has to be known before that. */
  readonly benchmark: { readonly year: BenchmarkYear; readonly caveat: string; readonly source: string };
  /** When the figures were computed last. */
  readonly computed_at: Instant | null;
}

export interface DeliverySpan {
  readonly start_at: Instant;
  /** Not in it any more. */
  readonly end_at: Instant;
  readonly is_complete: boolean;
}

export interface DeliveryFigure {
  readonly metric: string;
  /** `seconds`, `share`, `deployments`, `deployments a day` or `days`. */
  readonly unit: string;
  readonly value: number | null;
  /** Of how many it is. */
  readonly n: number;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  /** The part of those that should have a value which has one. */
  readonly coverage: number | null;
  /** It is of so few that it says little. */
  readonly is_few: boolean;
  /** Of the period before. */
  readonly before: number | null;
  /** Over all time. */
  readonly overall: number | null;
  /** Null where the table has nothing for it. */
  readonly band: BenchmarkBand | null;
}

export interface DeliverySeries {
  readonly metric: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
  readonly n: readonly number[];
}

/** Means over the changes that were deployed in the period: unlike medians, they add up to the mean lead time. */
export interface DeliveryStages {
  readonly n: number;
  readonly lead_seconds: number;
  readonly stages: readonly { readonly stage: DeliveryStage; readonly seconds: number }[];
}

export type DeliveryStage = "coding" | "pickup" | "review" | "merge_wait" | "deploy";

export interface DeliveryRowsQuery extends PageQuery {
  readonly service: string;
  /** Deployed in this span; default: ever. */
  readonly since?: Instant;
  readonly until?: Instant;
}

/** A pull request that was deployed, the newest deployment first. Its stages add up to `lead_seconds`. */
export interface DeliveryChange {
  /** Full name, where repositories were collected. */
  readonly repository: string | null;
  readonly repository_id: number;
  readonly number: number;
  readonly title: string | null;
  readonly author: string | null;
  readonly is_bot: boolean;
  readonly is_hotfix: boolean;
  readonly is_revert: boolean;
  readonly is_unreviewed: boolean;
  /** Clocks were ahead, and times were clamped. */
  readonly is_clock_skewed: boolean;
  readonly merged_at: Instant | null;
  readonly deployed_at: Instant;
  readonly deployment_id: number | null;
  readonly coding_seconds: number | null;
  readonly pickup_seconds: number | null;
  readonly review_seconds: number | null;
  readonly merge_wait_seconds: number | null;
  readonly deploy_seconds: number | null;
  readonly lead_seconds: number | null;
}

export interface DeliveryDeploymentsQuery extends DeliveryRowsQuery {
  readonly only?: "failed" | "unplanned";
}

/** The newest first. */
export interface DeliveryDeployment {
  readonly repository: string | null;
  readonly repository_id: number;
  readonly environment: string | null;
  readonly deployment_id: number;
  readonly deployed_at: Instant;
  readonly sha: string | null;
  /** To the one before: `ahead`, `behind` (a rollback), `diverged`, `identical`, `baseline` or `unknown`. */
  readonly comparison: string | null;
  readonly is_failed: boolean;
  readonly failure_reason: string | null;
  /** Incidents that say so. */
  readonly failed_by: readonly string[];
  readonly restored_at: Instant | null;
  readonly recovery_seconds: number | null;
  readonly is_unplanned: boolean;
}

export interface DeliveryExportQuery extends Omit<DeliveryDeploymentsQuery, keyof PageQuery> {
  readonly of: "figures" | "changes" | "deployments";
  readonly format: ExportFormat;
  /** Of figures. */
  readonly period?: DeliveryPeriod;
}

export type DeliveryChangePage = Page<DeliveryChange>;
export type DeliveryDeploymentPage = Page<DeliveryDeployment>;

// Rows that `quarantine` checks set aside, and resets of datasets, on the wire.
import type { DatasetLocationView } from "./dataset.ts";
import type { Instant, JsonValue, RunIdText } from "../page.ts";

/** How many rows of a dataset wait for a decision, and why. */
export interface QuarantineView {
  readonly dataset: string;
  /** Name of the dataset that holds them. */
  readonly quarantine: string;
  readonly version: number;
  readonly job_name: string;
  readonly rows: number;
  /** When the oldest was set aside; null where that was not written down. */
  readonly oldest_at: Instant | null;
  /** A row that breaks two checks counts for both. */
  readonly checks: readonly { readonly name: string; readonly rows: number }[];
  readonly runs: readonly { readonly run_id: RunIdText | null; readonly rows: number; readonly at: Instant | null }[];
}

/** Rows that fit all of these; without any of them all rows. */
export interface QuarantineFilter {
  readonly run?: RunIdText;
  /** Name of a check that they break. */
  readonly check?: string;
}

export interface QuarantineQuery extends QuarantineFilter {
  /** A JSON object: columns with the text of their value, null for NULL. */
  readonly where?: string;
  readonly limit?: number;
}

export interface QuarantineRows extends QuarantineView {
  /** Oldest first. */
  readonly items: readonly Readonly<Record<string, JsonValue>>[];
}

export interface ResolveQuarantine extends QuarantineFilter {
  /** Columns with the text of their value, null for NULL. */
  readonly where?: Readonly<Record<string, string | null>>;
  /** Version of the quarantine that was looked at; rows that came later are left alone. Default: the newest. */
  readonly version?: number;
  /** Count the rows and change nothing. */
  readonly preview?: boolean;
  readonly reason?: string;
}

export interface ResolvedQuarantine {
  readonly dataset: string;
  readonly version: number;
  /** That are chosen. */
  readonly rows: number;
  readonly checks: QuarantineView["checks"];
  /** The run that does it; null for a preview. */
  readonly run_id: RunIdText | null;
}

export interface ResetDataset {
  /** Tell what would go and change nothing. */
  readonly preview?: boolean;
  readonly reason?: string;
}

export interface RekeyDataset {
  readonly reason?: string;
}

export interface RekeyedDataset {
  /** The run that does it. */
  readonly run_id: RunIdText;
}

/** What a reset takes away. */
export interface DatasetReset {
  readonly datasets: readonly string[];
  readonly job_names: readonly string[];
  readonly versions: number;
  readonly tables: readonly DatasetLocationView[];
  /** That stay, because another dataset is in them, too. */
  readonly shared: DatasetReset["tables"];
  readonly watermarks: readonly { readonly job_name: string; readonly name: string; readonly value: string | number }[];
  /** The run that does it; null for a preview. */
  readonly run_id: RunIdText | null;
}

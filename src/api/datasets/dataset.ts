// Datasets, lineage and checks on the wire.
import type { CheckSeverity } from "../../core/dataset/check.ts";
import type { Lateness } from "../lateness.ts";
import type { Instant, JsonValue, RunIdText } from "../page.ts";

export interface DatasetView {
  readonly dataset: string;
  /** 0 while it was never published. */
  readonly version: number;
  readonly job_name: string | null;
  readonly run_id: RunIdText | null;
  readonly row_count: number | null;
  readonly created_at: Instant | null;
  /** Rows in its quarantine that nobody has resolved; null when it has none. */
  readonly quarantined: number | null;
  /** How old it may be, in words; null where nothing is said. */
  readonly freshness: string | null;
  /** Null while it is fresh. */
  readonly stale: Lateness | null;
  readonly columns: readonly DatasetColumnView[];
  readonly locations: readonly DatasetLocationView[];
}

export interface DatasetColumnView {
  readonly name: string;
  readonly type: string;
  /** Columns of the source that its values are made of, none for a constant; null where nobody knows. */
  readonly from: readonly string[] | null;
}

/** Where a version of a dataset lies. */
export interface DatasetLocationView {
  readonly format: string;
  /** Relative to the project. */
  readonly path: string;
  /** Version of the table, where its format counts versions itself. */
  readonly version: number | null;
  /** Name of the table, where the file is a database. */
  readonly table: string | null;
}

export interface DatasetRowsQuery {
  /** Default: the latest. */
  readonly version?: number;
  readonly limit?: number;
}

export interface QueryDatasets {
  /** One `select` over datasets. */
  readonly sql: string;
  readonly limit?: number;
}

/** The first rows of a dataset or of a query. */
export interface RowsView {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Whole numbers of 64 bits, decimals, dates and times are texts. */
  readonly items: readonly Readonly<Record<string, JsonValue>>[];
  /** Whether there are more than these. */
  readonly has_more: boolean;
}

/** Rows that broke a blocking check, at most 20. */
export interface FailedRowsView {
  readonly dataset: string;
  readonly check: string;
  readonly items: readonly Readonly<Record<string, JsonValue>>[];
}

export interface DatasetDetail extends DatasetView {
  readonly versions: readonly {
    readonly version: number;
    readonly run_id: RunIdText;
    readonly job_name: string;
    readonly row_count: number;
    readonly created_at: Instant;
    readonly columns_added: readonly string[];
    readonly columns_removed: readonly string[];
  }[];
  readonly next_cursor: string | null;
  /** Newest first, of the last 200 versions and of the newest runs. */
  readonly schema_changes: readonly SchemaChange[];
  readonly lineage: Lineage;
  /** Of a table that is named by a catalog; null for others. */
  readonly catalog: CatalogTableView | null;
}

/** What a catalog says of a table. */
export interface CatalogTableView {
  /** Its name there. */
  readonly table: string;
  readonly kind: "managed" | "external" | null;
  readonly owner: string | null;
  readonly comment: string | null;
  readonly grants: readonly { readonly principal: string; readonly privileges: readonly string[] }[];
  /** Tables that it is made of, where the catalog knows. */
  readonly upstream: readonly string[];
  /** Why the catalog could not tell. */
  readonly problem: string | null;
}

export interface SchemaChange {
  /** `discarded`: the contract of the dataset left out what has no place in its table. */
  readonly kind: "added" | "retyped" | "dropped" | "discarded";
  readonly column: string;
  /** Types; null where there was or is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Of values that were left out, or rows that were set aside. */
  readonly count: number | null;
  /** The version that has the change; null for what is in none. */
  readonly version: number | null;
  readonly run_id: RunIdText;
  readonly job_name: string;
  readonly at: Instant;
}

/** Jobs between datasets. A job and a dataset may have the same name, so edges go by `id`. */
export interface Lineage {
  /** `id` is `dataset:<name>` or `job:<name>`. */
  readonly nodes: readonly { readonly id: string; readonly kind: "dataset" | "job"; readonly name: string }[];
  /** From what is read to who reads it, and from there to what is published. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export interface ChecksQuery {
  readonly dataset?: string;
  readonly job?: string;
  readonly since?: Instant;
}

/** A row for each check, with its results in the newest runs, newest first, at most 30. */
export interface CheckRow {
  readonly dataset: string;
  readonly job_name: string;
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly results: readonly {
    readonly run_id: RunIdText;
    readonly at: Instant;
    readonly passed: boolean;
    readonly failing_rows: number;
    readonly detail: string;
    /** Where rows that a `quarantine` check set aside, or samples of a blocking one, are; relative to the project. */
    readonly rows_at: string | null;
  }[];
}

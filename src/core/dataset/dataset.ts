// Defines how a job describes the rows that it publishes, and what the catalog records of each published version.
import type { Check } from "./check.ts";
import type { Dataset, DatasetReference } from "./dataset-handle.ts";
import type { FreshnessOptions } from "./freshness.ts";
import type { RunId } from "../run-id.ts";

/**
 * `append` adds, `replace` swaps the whole table, `merge` updates by key and inserts the rest, `insert_only` inserts what has a new
 * key, `delete_insert` replaces the rows of a window, `snapshot` those of a moment, and `scd2` keeps the history of each key.
 */
export type WriteMode = "append" | "replace" | "merge" | "insert_only" | "delete_insert" | "snapshot" | "scd2";

/**
 * `evolve` adds new columns as nullable; `freeze` refuses any difference; neither narrows or drops. `replace` gives the table
 * the columns and types of the rows, and needs the mode `replace`.
 */
export type SchemaContract = "evolve" | "freeze" | "replace";

/**
 * What becomes of rows that differ from their table, for each kind of difference. `discard_value` leaves out the value, and
 * `discard_row` sets the row aside; both are counted and told.
 */
export interface SchemaRules {
  /** When there is no table: `evolve` makes it, `freeze` refuses. Default `evolve`. */
  readonly tables?: "evolve" | "freeze";
  /** For columns that the table has not; `freeze` also refuses rows that lack one. Default `evolve`. */
  readonly columns?: SchemaRule;
  /** For values that the type of the table's column has not; `freeze` refuses any other type. Default `evolve`. */
  readonly types?: SchemaRule;
}

export type SchemaRule = "evolve" | "freeze" | "discard_row" | "discard_value";

/**
 * Where a dataset goes: an option for each format, which the formats themselves add to this interface (`data/targets`). Paths are
 * relative to the project; with several targets the first named is the one others read. Without any the dataset is a table of
 * the default format in the lake.
 */
export interface DatasetTargets {}

/**
 * The output of a job: a dataset, where it goes, and how rows get in. A handle alone takes the defaults: all rows are
 * replaced, in a table of the default format in the lake.
 */
export type OutputOptions = Dataset | (NamedOutput & WriteRule);

/** A dataset by name, with what is said of its table. */
export interface NamedOutput extends DatasetTargets {
  readonly dataset: DatasetReference;
  /** Default `evolve`. */
  readonly schema?: SchemaContract | SchemaRules;
  /** Whether the rows are credentials: encrypted, and read by `inputs` with the role `authentication` alone. */
  readonly sealed?: boolean;
  /** How old it may be, such as `24h`. Default: however old. */
  readonly freshness?: FreshnessOptions;
}

/** How rows get in; `key` names the columns that identify a row. Default `replace`. */
export type WriteRule =
  | { readonly mode?: "replace" | "append"; readonly key?: readonly string[] }
  | { readonly mode: "merge" | "insert_only"; readonly key: readonly string[] }
  | ({ readonly mode: "delete_insert"; readonly key?: readonly string[] } & Required<WindowOptions>)
  | ({ readonly mode: "snapshot"; readonly key?: readonly string[] } & SnapshotOptions)
  | ({ readonly mode: "scd2"; readonly key: readonly string[] } & HistoryOptions);

/** What the mode `delete_insert` goes by. */
export interface WindowOptions {
  /** Column whose values say which window a row belongs to; of a run without a window, which rows give way. */
  readonly by?: string;
}

/** Options of the mode `snapshot`. */
export interface SnapshotOptions {
  /** Column with the moment of each snapshot. Default `snapshot_at`. */
  readonly moment?: string;
}

/** Options of the mode `scd2`. */
export interface HistoryOptions {
  /** Column with the moment from which on a version of a row holds. Default `valid_from`. */
  readonly validFrom?: string;
  /** Column with the moment at which it ceased to hold, NULL for the version that holds now. Default `valid_to`. */
  readonly validTo?: string;
  /** Columns whose values alone make no new version. */
  readonly ignore?: readonly string[];
  /** What becomes of the version that holds of a key which the rows lack: `close` is for rows that are the whole. Default `keep`. */
  readonly absent?: "keep" | "close";
}

/** An output as the data layer knows it. */
export interface DatasetOutput extends DatasetTargets, WindowOptions, SnapshotOptions, HistoryOptions {
  readonly dataset: string;
  /** Default `replace`. */
  readonly mode?: WriteMode;
  /** Columns that identify a row; needed by `merge`, `insert_only` and `scd2`. */
  readonly key?: readonly string[];
  /** Default `evolve`. */
  readonly schema?: SchemaContract | SchemaRules;
  /** Default false. */
  readonly sealed?: boolean;
  readonly freshness?: FreshnessOptions;
}

/** A column of a dataset with the engine's SQL type. */
export interface DatasetColumn {
  readonly name: string;
  readonly type: string;
  /** Columns of the source that its values are made of, none for a constant; absent where nobody knows. */
  readonly from?: readonly string[];
}

/** Where one version of a dataset can be read. */
export interface DatasetLocation {
  /** The format of the table, which knows how to read it. */
  readonly format: string;
  /** Absolute. */
  readonly path: string;
  /** The version of the table, of formats that keep versions. */
  readonly version?: number;
  /** The table, of formats that keep several in one place. */
  readonly table?: string;
  /** Its name in the catalog of the project, of a table that is named by one. */
  readonly catalogTable?: string;
}

/** What is recorded of a dataset from the point of view of one run. */
export interface RunPublications {
  /** The version that this run recorded (of a quarantine the last), however many came after it. */
  readonly own?: DatasetVersion;
  /** The version of the newest run that recorded one, by submission: its number may be lower than that of an older run. */
  readonly newest?: DatasetVersion;
}

/** One published version. Versions count from 1 for each dataset; a run that changed nothing makes none. */
export interface DatasetVersion {
  readonly dataset: string;
  readonly version: number;
  readonly runId: RunId;
  readonly job: string;
  readonly locations: readonly DatasetLocation[];
  readonly schema: readonly DatasetColumn[];
  /** Rows in the table after publishing. */
  readonly rowCount: number;
  /** Hash of the published rows, independent of their order. */
  readonly fingerprint: string;
  readonly createdAtMs: number;
  /** The newest time among its rows, where its freshness goes by a column. */
  readonly newestAtMs?: number;
  /** Where the rows were set aside from; present for a quarantine only. */
  readonly quarantineOf?: QuarantineOrigin;
}

/** What the rows of a quarantine would have been: what is needed to publish them later. */
export interface QuarantineOrigin {
  readonly job: string;
  readonly output: DatasetOutput;
  /** Those that block; a row that one of them refuses is not published whatever a person says. */
  readonly checks: readonly Check[];
}

// The contract of everything rows can be published to.
import type { Column, EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion, SchemaContract, WriteMode } from "../core/dataset/dataset.ts";
import type { HeldColumn } from "./schema-contract.ts";
import type { StagedRows } from "./staged-rows.ts";

/**
 * A place that holds a table. `publish` is atomic: a reader sees the table before or after, whatever happens in between;
 * and a run that publishes again adds nothing, however often it is interrupted.
 */
export interface Target {
  readonly format: DatasetLocation["format"];
  /** Absolute path of the file or folder. */
  readonly path: string;
  /**
   * Columns of the table that is there, in the engine's types; `undefined` when there is none.
   * @throws MillraceError `TARGET_UNREADABLE` for something that is not such a table
   */
  currentColumns(session: EngineSession): Promise<readonly Column[] | undefined>;
  /** How the target would hold columns of an engine. Types that it lacks become wider ones or text. @throws `TARGET_UNSUPPORTED` */
  hold(columns: readonly Column[]): readonly HeldColumn[];
  /**
   * What the target cannot hold of rows with these columns. Published rows are the checked ones, so such a value is refused
   * before any target publishes, and never changed on its way.
   */
  limits(columns: readonly Column[]): readonly ValueLimit[];
  /** Whether the table is still what `version` published there. */
  isCurrent(session: EngineSession, version: DatasetVersion): Promise<boolean>;
  /**
   * Whether the target's own memory has a publication of this dataset by this run, whatever came after it. A Parquet file has
   * no memory and says false.
   */
  hasPublished(session: EngineSession, writer: Pick<Writer, "runKey" | "dataset">): Promise<boolean>;
  /**
   * Does nothing when this run has published before and others after it.
   * @throws MillraceError `RUN_SUPERSEDED` for a replace over rows of a later run, `TARGET_CONFLICT` when another writer was there, or since `basedOn`, `DISK_FULL`;
   * the table is then as before
   */
  publish(input: TargetInput): Promise<TargetResult>;
}

/** Values of one column that a target cannot hold. */
export interface ValueLimit {
  readonly column: string;
  /** SQL over a staged row: true where the target cannot hold the value; NULL is not true. */
  readonly breaks: string;
  /** The kind of value for messages, such as `NaN` or `an infinite date`. */
  readonly what: string;
  /** What the author of the job can do about it. */
  readonly hint: string;
}

/** Named moments of publishing at which tests stop a process. */
export type Failpoint = (name: string) => Promise<void> | void;

export interface TargetInput {
  readonly session: EngineSession;
  readonly mode: WriteMode;
  /** Columns that identify a row; not empty for `merge`. */
  readonly key: readonly string[];
  readonly contract: SchemaContract;
  readonly staged: StagedRows;
  /** The staged rows in the shape of the target's table: in its order, what they lack as NULL (for `merge`: left out). */
  readonly rows: { readonly sql: string; readonly columns: readonly Column[] };
  /** New columns of an existing table. */
  readonly added: readonly Column[];
  readonly writer: Writer;
  /** The latest recorded version of the dataset, if any: what the table must not be older than. */
  readonly published?: DatasetVersion;
  /** Delta: the version of the table that the rows were made from. */
  readonly basedOn?: number;
  /** Where the target may put files of its own until it publishes. */
  readonly stagingFolder: string;
  /** Called before anything is made beside or in the table, with what a crash would leave there. */
  intend(intent: Intent): Promise<void>;
  /**
   * To be called right before the step that makes the rows visible, whatever was looked at earlier.
   * @throws MillraceError `RUN_LOST` when the attempt no longer holds its run
   */
  assertHeld(): Promise<void>;
  readonly signal: AbortSignal;
  readonly failpoint: Failpoint;
}

/** Who publishes. */
export interface Writer {
  /** Identifies the run among all runs of all stores, and is the same for each of its attempts. */
  readonly runKey: string;
  readonly job: string;
  readonly dataset: string;
  readonly fingerprint: string;
}

/** What a crash of the publishing process can leave behind. */
export type Intent =
  /** Files in a table folder that no commit after `baseVersion` may come to name. */
  | { readonly format: "delta"; readonly path: string; readonly names: readonly string[]; readonly baseVersion: number }
  /** A hidden file beside the published one. */
  | { readonly format: "parquet" | "duckdb"; readonly path: string; readonly temporary: string }
  /** A folder of staged rows beside a table on another file system. */
  | { readonly format: "staging"; readonly path: string };

export interface TargetResult {
  readonly location: DatasetLocation;
  /** False when the table had these rows before this run came, in whatever attempt. */
  readonly changed: boolean;
  /** Rows in the table now. */
  readonly rowCount: number;
  readonly warnings: readonly string[];
}

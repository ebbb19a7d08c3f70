// The contract of everything rows can be published to: what a format says of itself, and what an opened target does.
// Each format has a folder in `targets/`, and `targets/targets.ts` has one line for it; nothing else names it.
import type { StoredFiles } from "../compute/cluster.ts";
import type { z } from "zod";
import type { SecretSeal } from "../connections/auth/seal.ts";
import type { Column, Engine, EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion, SchemaContract, WriteMode } from "../core/dataset/dataset.ts";
import type { OptionPath } from "../core/spec/parse-options.ts";
import type { Spec } from "../core/spec/spec.ts";
import type { CoveredRows, HistoryRule, TableMode } from "./modes/row-rule.ts";
import type { HeldColumn } from "./schema-contract.ts";
import type { PassingRows } from "./passing-rows.ts";
import type { StagedLayout, StagedRows } from "./staged-rows.ts";
import type { TableRows } from "./table-rows.ts";

/**
 * A format that datasets can be published in.
 * @typeParam Options what an output may say of a table in this format
 * @typeParam Location what is recorded of a table in this format; it is stored, so that its fields never change their meaning
 */
export interface TargetFormat<Options extends object = object, Location extends DatasetLocation = DatasetLocation> {
  /** What outputs, locations, journals and people call it; also the name of its export in `targets/targets.ts`. */
  readonly name: string;
  /** What it is, for the table of options in the docs, such as `a table in a database file`. */
  readonly summary: string;
  readonly abilities: TargetAbilities;
  readonly options: Spec<Options>;
  /**
   * Looks at what no option can tell by itself when a job is defined; what only the file system can tell comes later.
   * @param path to the options, below `where`
   * @throws MillraceError `JOB_INVALID` naming the option
   */
  assertOptions?(where: string, path: OptionPath, options: Options, dataset: string): void;
  /**
   * The options with the place of a table that they name by a catalog; called before the targets of an output are opened. Absent where a
   * format has no such names. @throws MillraceError `CONFIG_INVALID`, `CATALOG_UNKNOWN`, `CATALOG_UNREADABLE`, `TARGET_UNSUPPORTED`
   */
  locate?(options: Options, place: TargetPlace): Promise<Options>;
  /** Opens nothing and reads nothing. @throws MillraceError `VALUE_INVALID` for a path that leads out of the project */
  open(options: Options, place: TargetPlace): Target;
  /**
   * The rows of a published table. They are those of the recorded version where the format keeps versions, else those that are
   * there now; no lock is held when this has returned.
   * @throws MillraceError `SOURCE_MISSING` when somebody has removed the table, `SOURCE_UNREADABLE`, `TARGET_CONFLICT`
   */
  read(location: Location, reading: TableReading): Promise<TableRows>;
  /**
   * The files whose rows are those of the recorded version, for a cluster that reads them itself; nothing where they say that only
   * together with what is not in them. Absent where a format has no such files.
   * @throws MillraceError as `read`
   */
  storedFiles?(location: Location, reading: TableReading): Promise<StoredFiles | undefined>;
  /**
   * The rows that were changed up to the recorded version, with what became of each: columns `_change_type`, `_commit_version` and
   * `_commit_timestamp` beside those of the table. Absent where tables do not know it.
   * @throws MillraceError `SOURCE_MISSING` for changes that are gone, naming the version
   */
  readChanges?(location: Location, reading: TableReading, span: ChangeSpan): Promise<TableRows>;
  /** Present where tables keep files that are of no use any more, or of little. */
  readonly care?: TableCare<Location>;
  /** Absent when a publication that is interrupted leaves nothing behind that the next one to open the table does not take away. */
  readonly leftovers?: Leftovers;
  /**
   * One line for each thing that keeps a table from being read; nothing is changed. A table that another process has open is
   * not damaged.
   */
  findDamage(session: EngineSession, location: Location): Promise<readonly string[]>;
  /**
   * Removes the table, what it remembers of publications of `datasets`, and nothing that others have put there. Doing it again
   * is harmless. @throws MillraceError `TARGET_CONFLICT` for a table that somebody else has open
   */
  deleteTable(engine: Engine, location: Location, datasets: readonly string[]): Promise<void>;
}

/** What can be done for a table without a change of its rows; readers and writers go on meanwhile. */
export interface TableCare<Location extends DatasetLocation = DatasetLocation> {
  /** Deletes what no version within the retention needs. @throws MillraceError `VALUE_INVALID` below what the table says */
  vacuum(location: Location, input: TableVacuum): Promise<VacuumedTable>;
  /** Writes rows again into fewer, larger or sorted files. @throws MillraceError `TARGET_CONFLICT` */
  optimize(location: Location, input: TableOptimize): Promise<OptimizedTable>;
}

interface CareInput {
  readonly session: EngineSession;
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** To be called right before anything is done that others see. @throws MillraceError `RUN_LOST` */
  assertHeld(): Promise<void>;
  readonly signal: AbortSignal;
  readonly failpoint: Failpoint;
}

export interface TableVacuum extends CareInput {
  /** Default: what the table says. */
  readonly retainMs?: number;
  /** Goes below what the table says. */
  readonly force: boolean;
  /** Absolute paths of files that publications are about to commit; to be asked once the files of the table were listed. */
  listIntended(): Promise<ReadonlySet<string>>;
  now(): number;
}

export interface VacuumedTable {
  readonly deletedFiles: number;
  readonly deletedBytes: number;
  /** Files of the table's log. */
  readonly deletedLogFiles: number;
  readonly retainMs: number;
}

export interface TableOptimize extends CareInput {
  /** Columns by which rows are sorted. */
  readonly sort: readonly string[];
  /** How large files are to become. */
  readonly targetBytes: number;
  /** Where files are written until they are the table's, on its file system. */
  readonly stagingFolder: string;
  /** As of a publication. */
  intend(intent: Intent): Promise<void>;
}

export interface OptimizedTable {
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly addedFiles: number;
  readonly addedBytes: number;
  /** Files that somebody changed meanwhile. */
  readonly skippedFiles: number;
}

/** What a format can do; outputs that ask for more are refused when the job is defined. */
export interface TargetAbilities {
  /** Changes some rows of a table and leaves the others, in one atomic step. */
  readonly merges: boolean;
  /** Keeps the versions of rows, for the mode `scd2`. */
  readonly keepsHistory: boolean;
  /** Splits a table by the columns of `partitionBy`. */
  readonly partitions: boolean;
  /** A table that one mode has made takes another mode later. */
  readonly changesMode: boolean;
  /**
   * Shows a table as it was at an earlier version, and publishes on top of one version only when asked to: its targets have
   * `snapshot` and keep to `basedOn`.
   */
  readonly keepsVersions: boolean;
  /** Present for the one format that datasets go to which name none, and rows that were set aside. */
  readonly isDefault?: true;
}

/** Where an output asks for its table. */
export interface TargetPlace {
  /** Folder of the project, absolute. */
  readonly root: string;
  /** Where datasets go that name no path: an absolute folder, or an address of a bucket. */
  readonly lake: string;
  /** Where the project keeps what is its own, absolute. */
  readonly home: string;
  readonly dataset: string;
  readonly mode: WriteMode;
}

/** Versions of a table whose changes are wanted. */
export interface ChangeSpan {
  /** The first one, or the instant at or after which it was committed; what counts where nothing was read before. */
  readonly since: number | string;
  /** The version that was read last. */
  readonly after?: number;
  /** The last one. Default: the recorded version. */
  readonly upTo?: number;
}

export interface TableReading {
  readonly session: EngineSession;
  /** Opens sealed datasets; absent for everybody who is not to see their rows. */
  readonly seal?: () => Promise<SecretSeal>;
  /** Folder for a copy of the table, made when it is needed; the caller deletes it. */
  readonly spool: string;
  /** Hears of damage that was got round. */
  warn(message: string): void;
}

/**
 * A place that holds a table. `publish` is atomic: a reader sees the table before or after, whatever happens in between;
 * and a run that publishes again adds nothing, however often it is interrupted.
 */
export interface Target {
  readonly format: string;
  /** Absolute path of the file or folder, or how its place behind a connection is recorded. */
  readonly path: string;
  /**
   * Present when the target takes the staged files into its table instead of copying rows out of them. Its table then decides
   * how rows are staged, rows are staged on its file system, and it publishes after all other targets of the output, because
   * the staged files are gone afterwards. At most one format does this.
   */
  readonly filing?: Filing;
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
   * Whether the target's own memory has a publication of this dataset by this run, whatever came after it. A target without
   * memory says false.
   */
  hasPublished(session: EngineSession, writer: Pick<Writer, "runKey" | "dataset">): Promise<boolean>;
  /** The table that is there; of formats that keep versions. @param spool folder for a copy of it, which the caller deletes */
  snapshot?(session: EngineSession, spool: string): Promise<TableSnapshot | undefined>;
  /**
   * Does nothing when this run has published before and others after it. Calls, in this order, `intend` before it puts anything
   * near the table that an interruption would leave there, and `assertHeld` right before the step that makes the rows visible.
   * @throws MillraceError `RUN_SUPERSEDED` for a replace over rows of a later run, `TARGET_CONFLICT` when another writer was there, or since `basedOn`, `DISK_FULL`;
   * the table is then as before
   */
  publish(input: TargetInput): Promise<TargetResult>;
  /** Takes all rows of a replaced table as a source has them. Absent: they are staged first. */
  readonly receiver?: Receiver;
}

/** How a target wants the files that it takes into its table. */
export interface Filing {
  /** Columns that rows are split by. */
  readonly partitionBy: readonly string[];
  /** Lays out rows with these columns, which have the shape of the table; with `replace` the table that is there does not matter. */
  layOut(session: EngineSession, columns: readonly Column[], contract: SchemaContract): Promise<StagedLayout>;
}

/** A table of a format that keeps versions, at one moment. */
export interface TableSnapshot {
  /** What `basedOn` calls this state; -1 stands for no table. */
  readonly version: number;
  /** One `select` over its rows. */
  readonly sql: string;
  /** Whether the run has published to it, whatever came after. */
  hasPublished(runKey: string): boolean;
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
  readonly mode: TableMode;
  /** Columns that identify a row; not empty for `merge`, `insert_only` and `scd2`. */
  readonly key: readonly string[];
  /** The rows that give way; present for `delete_insert`. Another run of the same rows finds its own among them. */
  readonly covered?: CoveredRows;
  /** Present for `scd2`. */
  readonly history?: HistoryRule;
  readonly contract: SchemaContract;
  readonly staged: StagedRows;
  /** The staged rows in the shape of the target's table: in its order, what they lack as NULL (left out where single rows change). */
  readonly rows: { readonly sql: string; readonly columns: readonly Column[] };
  /** New columns of an existing table. */
  readonly added: readonly Column[];
  readonly writer: Writer;
  /** The latest recorded version of the dataset, if any: what the table must not be older than. */
  readonly published?: DatasetVersion;
  /** The version of the table that the rows were made from; of formats that keep versions. */
  readonly basedOn?: number;
  /** Where the target may put files of its own until it publishes. */
  readonly stagingFolder: string;
  /** Encrypts rows; needed by datasets of credentials. */
  readonly seal?: () => Promise<SecretSeal>;
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

/** The run that publishes. */
export interface Writer {
  /** Identifies the run among all runs of all stores, and is the same for each of its attempts. */
  readonly runKey: string;
  readonly job: string;
  readonly dataset: string;
  readonly fingerprint: string;
}

/**
 * What a crash of the publishing process can leave behind, as the journal of the publication has it. The format adds what it
 * needs to find it again; journals outlive the version that wrote them, so that these fields never change their meaning.
 */
export interface Intent {
  readonly format: string;
  /** Absolute path of the table, or of what is left. */
  readonly path: string;
}

/** What interrupted publications of a format leave behind. */
export interface Leftovers<Kind extends Intent = Intent> {
  /** Anybody who can write to staging could name any file in a journal, so only what this accepts is taken for ours. */
  readonly schema: z.ZodType<Kind>;
  /** Takes out what was not published. What was published stays; doing it again is harmless. */
  clear(intent: Kind): Promise<void>;
  /** Paths of what is there although it was not published. */
  list(intent: Kind): Promise<readonly string[]>;
}

export interface TargetResult {
  readonly location: DatasetLocation;
  /** False when the table had these rows before this run came, in whatever attempt. */
  readonly changed: boolean;
  /** Rows in the table now. */
  readonly rowCount: number;
  readonly warnings: readonly string[];
}

/** What a target says of itself that takes such rows. */
export interface Receiver {
  /** What the bytes are, such as `postgres-copy`. */
  readonly format: string;
  /**
   * Puts the rows in the place of those that are there; what `work` does not publish is taken back.
   * @returns what `work` returned; `undefined` without having taken a row when what the target remembers is to be looked at first
   */
  receive<T>(reception: Reception, work: (received: ReceivedRows) => Promise<T>): Promise<T | undefined>;
}

export interface Reception {
  readonly rows: PassingRows;
  readonly writer: Pick<Writer, "runKey" | "dataset">;
  readonly signal: AbortSignal;
}

/** Rows that nobody else sees yet. */
export interface ReceivedRows {
  readonly rowCount: number;
  readonly bytes: number;
  /** The same for the same rows in the same order. */
  readonly digest: string;
  /** SQL of the rows, for `ask`. */
  readonly relation: string;
  /** The first row of a query of the target, in words that all databases have. */
  ask(sql: string): Promise<readonly (string | null)[]>;
  publish(input: TargetInput): Promise<TargetResult>;
}

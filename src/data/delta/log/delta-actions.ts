// The actions of a Delta log, with the fields that Millrace reads or writes. Field names are the protocol's.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions
import type { TableMode } from "../../modes/row-rule.ts";

/** A data file that is part of the table. `path` is percent-encoded and relative to the table. */
export interface AddFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  /** JSON text, see `delta-statistics.ts`. */
  readonly stats?: string | null;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly deletionVector?: DeletionVector | null;
  readonly baseRowId?: number | null;
  readonly defaultRowCommitVersion?: number | null;
  readonly clusteringProvider?: string | null;
}

/** Tag of files that Millrace wrote, whose bounds hold every value. */
export const ownTag = "millrace.columns";

/** Where the numbers of a file's deleted rows are, see `deletion-vector.ts`. */
export interface DeletionVector {
  /** `i`: in `pathOrInlineDv` itself; `u`: in a file that is named after an id; `p`: in a file at an absolute path. */
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  /** Where in the file the vector begins. */
  readonly offset?: number | null;
  readonly sizeInBytes: number;
  /** How many rows are deleted. */
  readonly cardinality: number;
}

/** A tombstone: the file is no longer part of the table, but a slow reader may still hold it open. */
export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp?: number | null;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean | null;
  readonly partitionValues?: Readonly<Record<string, string | null>> | null;
  readonly size?: number | null;
  /** The vector of the file that was removed: the same file may be in the table with another one. */
  readonly deletionVector?: DeletionVector | null;
  readonly baseRowId?: number | null;
  readonly defaultRowCommitVersion?: number | null;
}

/** A file with the rows that a commit changed, each with what became of it. Its columns are those of the table and `_change_type`. */
export interface ChangeFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
}

export interface Metadata {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly format: { readonly provider: string; readonly options?: Readonly<Record<string, string>> | null };
  /** JSON text of the schema, see `delta-schema.ts`. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration?: Readonly<Record<string, string>> | null;
  readonly createdTime?: number | null;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[] | null;
  readonly writerFeatures?: readonly string[] | null;
}

/** The last thing an application did; what makes an append by one run happen once. */
export interface Transaction {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number | null;
}

/** What a writer feature or an application keeps with the table, by its name. */
export interface DomainMetadata {
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
}

/** A part of a checkpoint that holds actions on files, in `_delta_log/_sidecars`. */
export interface Sidecar {
  readonly path: string;
}

/** What a commit says of its writer and its operation; every writer adds fields of its own. */
export interface CommitInfo {
  readonly timestamp?: number;
  /** When the commit was made, greater than that of the commit before; in tables with `inCommitTimestamp`. */
  readonly inCommitTimestamp?: number;
  readonly operation?: string;
  readonly operationParameters?: Readonly<Record<string, unknown>>;
  readonly operationMetrics?: Readonly<Record<string, unknown>>;
  readonly engineInfo?: string;
  readonly isBlindAppend?: boolean;
  /** Present in commits by Millrace. */
  readonly millrace?: CommitWriter;
}

/** The run that made a commit, and the hash of the rows it published. */
export interface CommitWriter {
  readonly runId: string;
  readonly job: string;
  readonly fingerprint: string;
  readonly mode: TableMode;
  /** How many lines the commit has, so that one which lost some is known. Absent in commits of earlier versions. */
  readonly actions?: number;
}

/** One line of a commit, or one row of a checkpoint: exactly one field is set, unknown actions have none of these. */
export interface Action {
  readonly add?: AddFile | null;
  readonly remove?: RemoveFile | null;
  readonly cdc?: ChangeFile | null;
  readonly metaData?: Metadata | null;
  readonly protocol?: Protocol | null;
  readonly txn?: Transaction | null;
  readonly commitInfo?: CommitInfo | null;
  readonly domainMetadata?: DomainMetadata | null;
  readonly sidecar?: Sidecar | null;
}

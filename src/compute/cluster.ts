// The port to a cluster that computes one select over many machines. It reads files that it and this machine both see, and leaves its
// rows as Parquet files beside them, so that publishing them is the same as for rows of this machine.
import type { Column } from "./engine.ts";

/** A column as it lies in files, with the type that queries see, such as `DECIMAL(18,2)`. */
export interface StoredColumn extends Column {
  /** A `TIMESTAMP` whose files hold instants in UTC. */
  readonly isStoredAsInstant?: boolean;
}

/** Parquet files as one relation. A file may lack columns, which are NULL in its rows. */
export interface StoredFiles {
  /** Absolute, or `s3://bucket/key`; none for a table without rows. */
  readonly paths: readonly string[];
  readonly columns: readonly StoredColumn[];
  /** Columns whose values are in the names of folders, `name=value`, below `root`, and not in the files. */
  readonly partitions?: { readonly root: string; readonly by: readonly string[] };
}

/** Whose queries they are. */
export interface ClusterWork {
  /** The same in each attempt of a run: a later one goes on with what an earlier one has begun. */
  readonly name: string;
  /** Which attempt it is, from 1. A later one takes over what an earlier one has begun; the earlier one leaves it alone then. */
  readonly epoch: number;
  /** Whether texts and names in SQL follow the rules that DuckDB has, too. */
  readonly isPortable: boolean;
  /** A folder of this machine for copies of rows, which is deleted with what is published. */
  readonly spool: string;
  readonly signal: AbortSignal;
}

export interface ClusterQuery {
  /** Exactly one `select`. */
  readonly sql: string;
  /** What makes the rows these rows: a query of an earlier attempt with the same is as good as a new one. */
  readonly identity: string;
  /** Makes the tables that the query reads; not called where it has been begun. */
  readonly prepare: () => Promise<void>;
  /** Told by which id the cluster knows the query, before it is waited for. */
  readonly onSent: (operation: string) => Promise<void>;
  /** Told about every two seconds. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What a run asks of a cluster. Not safe for concurrent calls, but for those of `defineTable`. */
export interface ClusterSession extends AsyncDisposable {
  /** For people: which cluster it is, and how they find the work on its own screens. */
  readonly where: string;
  /** Whether the cluster sees these files where they are. */
  reads(files: StoredFiles): boolean;
  /**
   * Has a file made that the cluster is to read; it is gone with the rows.
   * @param write makes it at the path that it is given, on this machine
   * @returns its path, for `defineTable`
   */
  putInput(name: string, write: (path: string) => Promise<void>): Promise<string>;
  /** Makes `name` stand for the rows of files. @throws MillraceError `SCHEMA_MISMATCH` for a type that the cluster lacks */
  defineTable(name: string, files: StoredFiles): Promise<void>;
  /** The columns that a query would give, without running it. @throws MillraceError `SQL_INVALID` */
  describe(sql: string): Promise<readonly Column[]>;
  /**
   * @returns the Parquet files of the rows, of which there may be none with rows
   * @throws MillraceError `SQL_INVALID`, `SQL_FAILED`, `SESSION_LOST`, `SERVICE_UNAVAILABLE`, `RUN_STOPPED` when the signal aborts,
   *   `CONFIG_INVALID` when the rows cannot be seen from here
   */
  compute(query: ClusterQuery): Promise<readonly string[]>;
  /** Removes the rows, which are published; without it they stay for the next attempt. */
  removeRows(): Promise<void>;
}

/** A cluster of the project. */
export interface Cluster {
  /** What people call it. */
  readonly name: "Spark";
  /** Whether it executes what can be executed anywhere. */
  readonly isDefault: boolean;
  /**
   * @throws MillraceError `CONFIG_INVALID`, `DEPENDENCY_MISSING`, `SERVICE_UNAVAILABLE`, `CAPABILITY_MISSING` for a version that is too old,
   *   `RUN_LOST` when a later attempt has begun already
   */
  open(work: ClusterWork): Promise<ClusterSession>;
}

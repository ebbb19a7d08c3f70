// Looks at the rows of datasets without changing anything.
import type { ExportFormat } from "../export-format.ts";

/** A row as plain values; null for NULL. */
export type ShownRow = Readonly<Record<string, unknown>>;

/** The first rows of something. */
export interface ShownRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly ShownRow[];
  /** Whether there are more than these. */
  readonly hasMore: boolean;
}

/** Samples of rows that kept a dataset from being published. */
export interface FailedRows {
  /** The run that they are of, such as `r42`. */
  readonly run: string;
  readonly samples: readonly { readonly check: string; readonly rows: readonly ShownRow[] }[];
}

export interface DatasetReader {
  /**
   * Rows of a dataset, in the order of its table.
   * @param version default: the latest
   * @throws MillraceError `DATASET_UNKNOWN`, `SOURCE_MISSING`, `VALUE_INVALID` for an earlier version that nothing keeps
   */
  head(dataset: string, options: { readonly version?: number | undefined; readonly limit: number }): Promise<ShownRows>;
  /**
   * Rows that broke blocking checks when the dataset was published the last time, at most 20 of each.
   * @returns `undefined` when none are kept on this machine
   */
  failed(dataset: string, checks: readonly string[]): Promise<FailedRows | undefined>;
  /** Names of tables that a query reads. @throws MillraceError `SQL_INVALID` for anything but one `select` */
  listTables(sql: string): Promise<readonly string[]>;
  /**
   * Rows of one `select` over datasets. A value stands where the statement has its name in two braces: `where id = {{id}}`; it is bound,
   * and never part of the statement.
   * @throws MillraceError `SQL_INVALID` | `SQL_FAILED` | `DATASET_UNKNOWN`
   */
  query(sql: string, options: QueryRowsOptions & { readonly limit: number }): Promise<ShownRows>;
  /**
   * All rows of one `select` over datasets as a file, which is written to the disk first, so that memory does not grow with it. It is gone
   * when its bytes have been read, or the stream is destroyed.
   * @throws MillraceError `SQL_INVALID` | `SQL_FAILED` | `DATASET_UNKNOWN`
   */
  export(sql: string, options: QueryRowsOptions & { readonly format: ExportFormat }): Promise<ExportedRows>;
}

export interface QueryRowsOptions {
  readonly signal: AbortSignal;
  readonly values?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface ExportedRows {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly size: number;
}

// Looks at the rows of datasets without changing anything.

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
  /** Rows of one `select` over datasets. @throws MillraceError `SQL_INVALID` | `SQL_FAILED` | `DATASET_UNKNOWN` */
  query(sql: string, options: { readonly limit: number; readonly signal: AbortSignal }): Promise<ShownRows>;
}

// Where rows come from, as a job declares it.

/** Formats of files that can be read; `json` is an array or objects one after the other, `ndjson` one object a line. */
export type FileFormat = "parquet" | "csv" | "json" | "ndjson";

export interface CsvOptions {
  /** One character. Default: the one of `,` `;` `|` and tab that is most frequent in the first line. Fields are quoted with `"`. */
  readonly delimiter?: string;
  /** Whether the first line names the columns. Default true. */
  readonly header?: boolean;
  /** Texts that stand for NULL. Default: the empty field. */
  readonly nullValues?: readonly string[];
  /** Column → SQL type, all of them in order; without it the types are inferred from the whole file. */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface JsonOptions {
  /** Name of the top-level field that holds the array of rows, for `{"rows": [...]}`. Default: the document is the rows. */
  readonly rows?: string;
}

/** Files of one format with the same kind of rows; their columns are united by name. */
export interface FileSource {
  /**
   * Files or globs (`*`, `**`, `?`, `[…]`). Relative ones belong to the project and may not lead out of it;
   * an absolute path names a place elsewhere on purpose.
   */
  readonly path: string | readonly string[];
  /** Default: by extension, before `.gz` or `.zst`. */
  readonly format?: FileFormat;
  readonly csv?: CsvOptions;
  readonly json?: JsonOptions;
}

/** A published dataset: its latest version, or an earlier one that its Delta table can still show. */
export interface DatasetSource {
  readonly dataset: string;
  /** As `millrace show` tells it, from 1. */
  readonly version?: number;
}

/** Exactly one kind of source. */
export type Source = { readonly file: FileSource } | DatasetSource;

/** What a source without a single row means: an error, a warning, or nothing special. */
export type EmptyPolicy = "fail" | "warn" | "ok";

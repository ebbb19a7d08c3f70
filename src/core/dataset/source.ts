// Where rows come from, as a job declares it.
import type { DatasetReference } from "./dataset-handle.ts";

/** Formats of files that can be read; `json` is an array or objects one after the other, `ndjson` one object a line. */
export type FileFormat = (typeof fileFormats)[number];

export const fileFormats = ["parquet", "csv", "json", "ndjson"] as const;

/** How one column of a csv file is read. */
export interface CsvColumn {
  /** SQL type, such as `DECIMAL(12,2)`. A value that it cannot hold with every digit is an error that names file and line. */
  readonly type: string;
  /** For numbers: what stands before the fraction. Default `.`. */
  readonly decimalMark?: "." | ",";
  /** For dates and timestamps: how they are written, as `strptime` takes it, such as `%d/%m/%Y`. Default: the ISO forms. */
  readonly format?: string;
}

/** Column → its SQL type, or more about it. */
export type CsvColumns = Readonly<Record<string, string | CsvColumn>>;

export interface CsvOptions {
  /** One character. Default: the one of `,` `;` `|` and tab that is most frequent in the header line, for each file anew. */
  readonly delimiter?: string;
  /** What stands around a field that holds a delimiter or a line end; written twice inside of it. Empty for none. Default `"`. */
  readonly quote?: string;
  /** Whether the first line names the columns. Default true; otherwise they are `column0`, `column1`, …, or those of `columns`. */
  readonly header?: boolean;
  /** Lines before the header (or the first row) that are set aside. Default 0. */
  readonly skipLines?: number;
  /** Texts that stand for NULL, beside the empty field. */
  readonly nullValues?: readonly string[];
  /** All columns, so that nothing is inferred: by name where there is a header, which must have the same names; else in order. */
  readonly columns?: CsvColumns;
  /** Single columns, by name; the types of the others are inferred. Not together with `columns`. */
  readonly types?: CsvColumns;
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
export interface DatasetSource<Named extends DatasetReference = DatasetReference> {
  readonly dataset: Named;
  /** As `millrace show` tells it, from 1. */
  readonly version?: number;
}

/** Exactly one kind of source. */
export type Source<Named extends DatasetReference = DatasetReference> =
  | { readonly file: FileSource; readonly dataset?: never; readonly version?: never }
  | (DatasetSource<Named> & { readonly file?: never });

/** What a source without a single row means: an error, a warning, or nothing special. */
export type EmptyPolicy = "fail" | "warn" | "ok";

// The compute port: what Millrace asks of a SQL engine. DuckDB answers it on one machine.
import type { ScanExpression } from "./scan-expression.ts";

/** A column as the engine reports it: its name and the engine's SQL type, e.g. `DECIMAL(18,2)` or `STRUCT(a INTEGER)`. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/**
 * Minimum, maximum and null count of one column of one written file. `min` and `max` are the engine's text form;
 * both are absent when the column holds no value or a NaN, and long strings are cut (the maximum is then rounded up).
 */
export interface ColumnStatistics {
  readonly min?: string;
  readonly max?: string;
  readonly nullCount?: number;
  /** The parts of a nested column by name; a list has `element`, a map `key` and `value`. */
  readonly fields?: Readonly<Record<string, ColumnStatistics>>;
}

/** One Parquet file that the engine wrote. */
export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Per top-level column; a column without usable statistics is absent. */
  readonly statistics: Readonly<Record<string, ColumnStatistics>>;
  /** Values of the partition columns in text form, `null` for SQL NULL; empty without partitioning. */
  readonly partition: Readonly<Record<string, string | null>>;
}

export interface WriteParquetOptions {
  /** One file, or the folder below which the partition folders are made; its parent folder exists. */
  readonly path: string;
  /** Columns whose values choose the folder; they are left out of the files. */
  readonly partitionBy?: readonly string[];
  /** Ids that the columns get in the files, by their names. */
  readonly fieldIds?: FieldIds;
  readonly signal?: AbortSignal;
}

/** Ids of columns, or of what is in a nested one: the fields of a struct, `element` of a list, `key` and `value` of a map. */
export interface FieldIds {
  readonly [name: string]: { readonly id?: number; readonly fields?: FieldIds };
}

/** What can be bound. */
export type BoundValue = string | number | bigint | boolean | Date | null;

export interface QueryOptions {
  readonly signal?: AbortSignal;
}

/** A row as plain JavaScript values: bigint for 64-bit integers, string for decimals, dates and timestamps in ISO form, null for NULL. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows by their columns, whose values are those that rows have. */
export interface ColumnChunk {
  /** How many rows they are. */
  readonly length: number;
  readonly columns: ReadonlyMap<string, readonly unknown[]>;
}

/** A relation whose files are chosen anew for each query. */
export interface ScanSource {
  readonly columns: readonly Column[];
  /**
   * One `select` that gives exactly `columns`, with every row that `filter` may be true for; other rows may be among them.
   * Without a filter it gives all rows. Called by the session before a query that reads the relation runs.
   */
  select(filter: ScanExpression | undefined): Promise<string>;
}

/**
 * One SQL session. Names that `defineView` makes are visible in this session only, so that jobs which run
 * side by side do not see each other's inputs. Not safe for concurrent calls.
 */
export interface EngineSession extends AsyncDisposable {
  /** Runs statements for their effect, which must read no scan. @throws MillraceError `SQL_INVALID` | `SQL_FAILED` | `RUN_STOPPED` when `signal` aborts */
  execute(sql: string, options?: QueryOptions): Promise<void>;
  /** All rows of one query; for small results only (checks, counts, reports). */
  query(sql: string, options?: QueryOptions): Promise<Row[]>;
  /** Rows in chunks of about 2,048, read as they are asked for: memory does not grow with the result. */
  stream(sql: string, options?: QueryOptions): AsyncIterable<Row[]>;
  /** As `stream`, by columns. */
  streamColumns(sql: string, options?: QueryOptions): AsyncIterable<ColumnChunk>;
  /** Makes `name` stand for the relation `sql` for as long as the session lives, replacing an earlier one. */
  defineView(name: string, sql: string): Promise<void>;
  /**
   * Makes `name` stand for a relation whose files are chosen for each query by its filters. Only `query`, `stream`,
   * `writeParquet` and `materialize` read it; `describe` knows its columns without opening a file.
   */
  defineScan(name: string, source: ScanSource): Promise<void>;
  /**
   * Keeps a value for the life of the session and returns the SQL that stands for it wherever a value may stand, in views and
   * scans, too. The value itself is never part of a statement.
   */
  bind(value: BoundValue): Promise<string>;
  /**
   * Makes a function of this process callable in SQL for as long as the session lives. It is called in the order of the rows, and
   * once for each value, also for one that comes again; for NULL it gives NULL. What it throws is what the query fails with.
   * @returns SQL of the function's value for an SQL expression of type VARCHAR
   */
  defineFunction(call: (text: string) => string): Promise<(sql: string) => string>;
  /** Keeps the rows of one select as a temporary table of this session, replacing an earlier one. */
  materialize(name: string, sql: string, options?: QueryOptions): Promise<void>;
  /** The columns a query would return, without running it. */
  describe(sql: string): Promise<Column[]>;
  /** Writes the rows of `sql` as Parquet and returns what was written, with statistics; fsync is the caller's. */
  writeParquet(sql: string, options: WriteParquetOptions): Promise<WrittenFile[]>;
  /** Refuses anything but exactly one `select`; returns the table names it reads, in order of appearance. @throws `SQL_INVALID` */
  parseSelect(sql: string): Promise<string[]>;
  /** Looks at the names of functions that exactly one `select` calls, which needs no table to be there. @throws `SQL_INVALID` */
  assertFunctions(sql: string): Promise<void>;
  /** Names of columns that exactly one `select` mentions, without those of tables and fields. @throws `SQL_INVALID` */
  parseColumns(sql: string): Promise<string[]>;
}

/** A compute engine. `open` is cheap: sessions share the engine's memory limit and threads. */
export interface Engine extends AsyncDisposable {
  readonly name: "duckdb";
  open(): Promise<EngineSession>;
}

/** `"` quoted identifier; the only way a name gets into SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL expression, whatever is in it: a NUL character would end a literal. */
export function quoteText(value: string): string {
  return value.split("\0").map(quoteLiteral).join(" || chr(0) || ");
}

/** `'` quoted literal, for the places where the engine takes no bound parameter (COPY, file lists). */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

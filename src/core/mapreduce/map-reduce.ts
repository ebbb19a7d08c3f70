// Defines what a job of map and reduce is made of, wherever its functions are called: in this process, in threads, on executors.

/** How records are read: a line as bytes, a line of CSV, a line of JSON, or a row. */
export type MapRead = "lines" | "csv" | "ndjson" | "parquet";

/** A part of a record that is still bytes. It stands for its text until `map` returns, and for another one after that. */
export interface FieldView {
  /** In bytes. */
  readonly length: number;
  /** A copy, which may be kept. Bytes that are no UTF-8 become `\uFFFD`. */
  text(): string;
  /** `NaN` for what is no number, and for nothing. */
  number(): number;
  /** Compares without making a text. */
  equals(text: string): boolean;
  startsWith(text: string): boolean;
  /** A part of it, in bytes from its start, as `Array.slice` counts them. */
  slice(start: number, end?: number): FieldView;
  toString(): string;
}

/** A line, without its end. It is valid until `map` returns. */
export interface LineView extends FieldView {
  /** From 0; what is behind the last separator is a field, too. Empty beyond the last one. */
  field(index: number): FieldView;
}

/** A line of CSV below the header of its file. It is valid until `map` returns. */
export interface CsvView extends FieldView {
  /** By its place from 0, or by its name in the header, without the quotes around it. Empty beyond the last one. */
  field(column: number | string): FieldView;
}

/** A line of JSON, or a row of a dataset or a Parquet file. */
export type MapRow = Readonly<Record<string, unknown>>;

/** What `map` is called with, by how files are read; a dataset and a topic have rows. */
export type MapRecord<Read extends MapRead, From = unknown> = From extends
  | { readonly dataset: unknown }
  | { readonly topic: unknown }
  ? MapRow
  : Read extends "lines"
    ? LineView
    : Read extends "csv"
      ? CsvView
      : MapRow;

/** Rows that `mapBatch` is called with at once, by their columns. */
export interface MapBatch {
  /** How many rows they are. */
  readonly length: number;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** The values of a column, in the order of the rows. @throws TypeError for a column that the rows do not have */
  column(name: string): readonly unknown[];
}

/** A key is text, at most 1 MiB of it. */
export type MapKey = string | number | FieldView;

/** Tells that a key has a value; it may be called any number of times for a record. */
export type Emit<Value = unknown> = (key: MapKey, value: Value) => void;

/** As `Emit`, for a key that is the bytes from `start` to `end` of the buffer. */
export type EmitBytes<Value = unknown> = (start: number, end: number, value: Value) => void;

/** Called for each record, in the order of a file; it must not keep the buffer, and returns nothing to wait for. */
export type MapBytes<Value = unknown> = (
  buffer: Uint8Array,
  start: number,
  end: number,
  emit: EmitBytes<Value>,
) => void;

/**
 * A reduction whose parts may be made anywhere and put together in any order. With a number for `init`, totals are numbers and stay
 * outside of the heap; anything else has to be JSON.
 */
export interface Combination<Value = unknown, Total = unknown> {
  /** A function where the total is an object that `add` changes. */
  readonly init: Total | (() => Total);
  readonly add: (total: Total, value: Value) => Total;
  readonly merge: (a: Total, b: Total) => Total;
}

/** Called once for each key with its values in the order of the input; values come one by one and need not fit into memory. */
export type ReduceValues<Value = unknown, Total = unknown> = (key: string, values: Iterable<Value>) => Total;

export type Reduction<Value = unknown, Total = unknown> = Combination<Value, Total> | ReduceValues<Value, Total>;

/** A field of a line: by its place from 0, or, of CSV, by its name in the header. */
export type FieldName = number | string;

/** Of the lines of a key: how many there are, or one figure over a field. */
export type FieldReduction =
  | "count"
  | { readonly sum: FieldName }
  | { readonly min: FieldName }
  | { readonly max: FieldName };

/** What is added up for a key. */
export type FieldOperation = "sum" | "min" | "max";

/** How often a field has each of its values, or what another one comes to: done on bytes, without a function. */
export interface FieldCount {
  readonly key: FieldName;
  /** Absent where lines are counted. */
  readonly value?: FieldName;
  readonly operation: FieldOperation;
}

/** The functions of such a job, as whoever has loaded its module calls them. */
export interface MapReduceCode {
  readonly job: string;
  /** `rows` for what an engine reads. */
  readonly read: Exclude<MapRead, "parquet"> | "rows";
  /** Between the fields of a line; one byte. */
  readonly separator: string;
  readonly map?: (record: unknown, emit: Emit) => void;
  readonly mapBytes?: MapBytes;
  /** Only for `rows`. */
  readonly mapBatch?: (batch: MapBatch, emit: Emit) => void;
  /** In the place of all of them, for `lines` and `csv`; `reduce` then puts its totals together. */
  readonly count?: FieldCount;
  readonly reduce: Reduction;
  /** Makes the row of a key; `undefined` leaves it out. */
  readonly row?: (key: string, total: unknown) => MapRow | undefined;
}

/** Most bytes of a key. */
export const maxKeyBytes = 1_048_576;

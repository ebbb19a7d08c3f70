// A script is a transaction written once for both databases: a generator that yields statements and gets their rows.
// SQLite runs it synchronously under its write lock, Postgres awaits each statement inside one transaction.
//
// The text is plain SQL that both understand:
//   - `?` stands for a value; `in (ids ?)` for a list of integers made by `idList`
//   - `(rows ?) r` stands for the rows of `rowList`: `r.value ->> 'name'` is a field as text, to be cast; `r.key` counts them
//   - `(bytes ?)` stands for bytes, which Postgres cannot tell from text where nothing else says what they are
//   - `json_text(x)` is a column of JSON text, for `->>`
//   - `for update` (`of x`, `skip locked`) at the end of a select locks rows in Postgres and is left out in SQLite
//   - `ordered join` is a join whose left side is the outer loop in SQLite; Postgres finds the order by itself
//   - columns that become properties are quoted (`run_id as "runId"`), since Postgres folds names to lower case
//   - numbers are integers, times milliseconds since the Unix epoch, flags 0 and 1, JSON is text
// Statements are set-based: how many there are does not grow with the rows they move.

/** Bytes are a blob in SQLite and a bytea in Postgres; a column of them comes back as a `Uint8Array`. */
export type SqlValue = RowValue | Uint8Array;

/** A field of `(rows ?)`. */
export type RowValue = string | number | null;

/** One step of a script; what the driver gives back for it depends on its kind. */
export type ScriptStep =
  | { readonly kind: "statement"; readonly sql: string; readonly params: readonly SqlValue[] }
  /** Run ids never given before, ascending. */
  | { readonly kind: "take-run-ids"; readonly count: number };

export interface StatementResult {
  readonly rows: readonly unknown[];
  /** How many rows the statement wrote. */
  readonly changes: number;
}

/** The time of a transaction, milliseconds. */
export interface Now {
  /** Since the Unix epoch. */
  readonly nowMs: number;
  /** On the clock that workers' lives are measured by, which never jumps where the adapter has such a clock. */
  readonly aliveMs: number;
}

export type StepResult = StatementResult | readonly number[];

export type Script<T> = Generator<ScriptStep, T, StepResult>;

/** All rows. `Row` states the columns and types that the statement selects. */
export function* all<Row>(sql: string, ...params: SqlValue[]): Script<readonly Row[]> {
  const result = yield { kind: "statement", sql, params: params.map(toStorable) };
  // The driver answers a statement with its rows, whose columns are known to the statement's author alone.
  return (result as StatementResult).rows as readonly Row[];
}

/** The first row, or `undefined`. */
export function* one<Row>(sql: string, ...params: SqlValue[]): Script<Row | undefined> {
  const rows = yield* all<Row>(sql, ...params);
  return rows[0];
}

/** @returns how many rows changed */
export function* run(sql: string, ...params: SqlValue[]): Script<number> {
  const result = yield { kind: "statement", sql, params: params.map(toStorable) };
  return (result as StatementResult).changes;
}

/** Ids for new runs. Ids of a transaction that fails are not given again. */
export function* takeRunIds(count: number): Script<readonly number[]> {
  const result = yield { kind: "take-run-ids", count };
  return result as readonly number[];
}

/** The value of `(ids ?)`. */
export function idList(ids: Iterable<number>): string {
  return `[${[...ids].join(",")}]`;
}

/** The value of `(rows ?)`. */
export function rowList(rows: readonly Readonly<Record<string, RowValue>>[]): string {
  const json = JSON.stringify(rows);
  return unstorable.test(json) ? JSON.stringify(rows, (_, value: RowValue) => toStorable(value)) : json;
}

/** The value of `(rows ?)` for rows without names: `r.value ->> 0` is the first field. Half the work for the database where there are many. */
export function tupleList(rows: readonly (readonly RowValue[])[]): string {
  const json = JSON.stringify(rows);
  return unstorable.test(json) ? JSON.stringify(rows, (_, value: RowValue) => toStorable(value)) : json;
}

const unstorable = /\\u(?:0000|d[89a-f])/;

/**
 * The value as both databases keep it: text that Postgres cannot store (U+0000, halves of surrogate pairs) becomes U+FFFD.
 * Statements do this by themselves; who compares text with what the database returns does it first.
 */
export function toStorable<Value extends SqlValue>(value: Value): Value | string {
  return typeof value === "string" ? value.replaceAll("\0", "\uFFFD").toWellFormed() : value;
}

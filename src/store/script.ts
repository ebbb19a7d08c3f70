// A script is a transaction written once for both databases: a generator that yields statements and gets their rows.
// SQLite runs it synchronously under its write lock, Postgres awaits each statement inside one transaction.
//
// The text is plain SQL that both understand:
//   - `?` stands for a value; `(ids ?)` for a JSON array of integers given as text, as in `run_id in (ids ?)`
//   - `for update` (with or without `skip locked`) at the end of a select locks rows in Postgres and is left out in SQLite
//   - columns that become properties are quoted (`run_id as "runId"`), since Postgres folds names to lower case
//   - numbers are integers, times milliseconds since the Unix epoch, flags 0 and 1, JSON is text
import type { Submission, SubmitResult } from "./run-records.ts";

export type SqlValue = string | number | null;

/** One step of a script; what the driver gives back for it depends on its kind. */
export type ScriptStep =
  | { readonly kind: "statement"; readonly sql: string; readonly params: readonly SqlValue[] }
  /** New runs in the same transaction, written in the way of the dialect. */
  | { readonly kind: "submit"; readonly submissions: readonly Submission[] };

export interface StatementResult {
  readonly rows: readonly unknown[];
  /** How many rows the statement wrote. */
  readonly changes: number;
}

export type StepResult = StatementResult | readonly SubmitResult[];

export type Script<T> = Generator<ScriptStep, T, StepResult>;

/** All rows. `Row` states the columns and types that the statement selects. */
export function* all<Row>(sql: string, ...params: SqlValue[]): Script<readonly Row[]> {
  const result = yield { kind: "statement", sql, params };
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
  const result = yield { kind: "statement", sql, params };
  return (result as StatementResult).changes;
}

/** Submits in the script's transaction. @returns one result each, in order */
export function* submitAll(submissions: readonly Submission[]): Script<readonly SubmitResult[]> {
  const result = yield { kind: "submit", submissions };
  return result as readonly SubmitResult[];
}

/** The value of an `(ids ?)`. */
export function idList(ids: Iterable<number>): string {
  return JSON.stringify([...ids]);
}

// Rules over the rows of a dataset, evaluated on the staged rows before anything is published.
import type { Duration } from "../duration.ts";

/** `block` leaves the target as it was, `warn` publishes and says so, `quarantine` sets the failing rows aside and publishes the rest. */
export type CheckSeverity = "block" | "warn" | "quarantine";

/** Exactly one rule. Those marked (row) judge each row by itself and may have severity `quarantine`. */
export type CheckRule =
  /** (row) the columns have a value */
  | { readonly notNull: readonly string[] }
  /** the columns together identify a row */
  | { readonly unique: readonly string[] }
  /** (row) column → the values it may have; NULL passes */
  | { readonly acceptedValues: Readonly<Record<string, readonly (string | number | boolean)[]>> }
  /** (row) column → RE2 pattern that must match the whole value; NULL passes */
  | { readonly pattern: Readonly<Record<string, string>> }
  /** (row) column → inclusive bounds; dates and times as ISO text; NULL passes */
  | { readonly range: Readonly<Record<string, { readonly min?: number | string; readonly max?: number | string }>> }
  | { readonly rowCount: { readonly min?: number; readonly max?: number } }
  /** the newest value of a time column is at most `within` old */
  | { readonly freshness: { readonly column: string; readonly within: Duration } }
  /** (row) column → `dataset.column` that must contain the value; NULL passes */
  | { readonly references: Readonly<Record<string, string>> }
  /** a query over the relation `rows` that returns the offending rows; none is a pass */
  | { readonly sql: string };

/** A rule with its severity (default `block`) and a name for reports (default: made from the rule). */
export type Check = CheckRule & { readonly severity?: CheckSeverity; readonly name?: string };

/** The verdict of one check, kept with the run. */
export interface CheckResult {
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly passed: boolean;
  /** Rows that break the rule; for `rowCount` and `freshness` 0 or 1. */
  readonly failingRows: number;
  /** What was expected and what came, in one line, without row values. */
  readonly detail: string;
}

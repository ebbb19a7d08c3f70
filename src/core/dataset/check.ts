// Rules over the rows of a dataset, evaluated on the staged rows before anything is published.
import type { Duration } from "../duration.ts";

/** `block` leaves the target as it was, `warn` publishes and says so, `quarantine` sets the failing rows aside and publishes the rest. */
export type CheckSeverity = "block" | "warn" | "quarantine";

/** Rules that judge each row by itself, so that the rows which break one can be set aside. */
export interface RowRules {
  /** The columns have a value. */
  readonly notNull: readonly string[];
  /** Column → the values it may have; NULL passes. */
  readonly acceptedValues: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** Column → RE2 pattern that must match the whole value; NULL passes. */
  readonly pattern: Readonly<Record<string, string>>;
  /** Column → inclusive bounds; dates and times as ISO text; NULL passes. */
  readonly range: Readonly<Record<string, { readonly min?: number | string; readonly max?: number | string }>>;
  /** Column → `dataset.column` that must contain the value; NULL passes. */
  readonly references: Readonly<Record<string, string>>;
}

/** Rules that judge all rows together. */
export interface TableRules {
  /** The columns together identify a row. */
  readonly unique: readonly string[];
  readonly rowCount: { readonly min?: number; readonly max?: number };
  /** The newest value of a time column is at most `within` old. */
  readonly freshness: { readonly column: string; readonly within: Duration };
  /** A query over the relation `rows` that returns the offending rows; none is a pass. */
  readonly sql: string;
  /** As many rows as another dataset has, or not too many of them. */
  readonly compare: CompareRule;
}

/** A base of 0, and more rows than the base, fail always. */
export interface CompareRule {
  /** A dataset, or the name of an input with the role `validation`. Default: the only such input. */
  readonly base?: string;
  /** Column of the base whose sizes of lists or whose numbers add up. Default: its rows count. */
  readonly field?: string;
  /** Only rows with a value in this column count. Default: all. */
  readonly errorColumn?: string;
  /** `fail`: rows are failures, and so many or more fail. `success`: rows are successes, and fewer fail. */
  readonly criteria: "fail" | "success";
  /** Percent of the base. */
  readonly threshold: number;
}

type Rules = RowRules & TableRules;

/** The rule's name, such as `notNull`. */
export type CheckKind = keyof Rules;

/** Exactly one rule: the others are refused by the compiler, too. */
export type CheckRule<Kind extends CheckKind = CheckKind> = {
  readonly [Only in Kind]: Readonly<Pick<Rules, Only>> & { readonly [Other in Exclude<CheckKind, Only>]?: never };
}[Kind];

/** A rule with its severity (default `block`) and a name for reports (default: made from the rule). */
export type Check =
  | (CheckRule<keyof RowRules> & { readonly severity?: CheckSeverity; readonly name?: string })
  | (CheckRule<keyof TableRules> & {
      readonly severity?: Exclude<CheckSeverity, "quarantine">;
      readonly name?: string;
    });

/** The verdict of one check, kept with the run. */
export interface CheckResult {
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly passed: boolean;
  /** Rows that break the rule; for `rowCount` and `freshness` 0 or 1, for `compare` how many there are too much or too few. */
  readonly failingRows: number;
  /** What was expected and what came, in one line, without row values. */
  readonly detail: string;
}

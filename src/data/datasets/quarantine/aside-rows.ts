// Computes the rows that a quarantine holds after a delivery to a table that is updated by key. A row stays until a
// delivery brings its key again: a good row resolves it, another bad one takes its place, and the same bad row keeps
// its place.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { type CoveredRows, coveredSql } from "../../modes/row-rule.ts";
import { type AsideRun, isOfRun, isOwnColumn, reasonsColumn, rowColumn, runColumn } from "./aside-columns.ts";

/** Rows as SQL. */
export interface Rows {
  readonly sql: string;
  readonly columns: readonly Column[];
}

export interface AsideDelivery {
  /** What the quarantine holds before. */
  readonly before: Rows;
  /** Set aside by this run. */
  readonly aside: Rows;
  /** Published by this run. */
  readonly passing: Rows;
  readonly key: readonly string[];
  readonly run: AsideRun;
}

/** All rows of before and those of this run, whatever types the columns had. An earlier attempt of the run counts for nothing. */
export function addRows({ before, aside, run }: Pick<AsideDelivery, "before" | "aside" | "run">): string {
  return `${aside.sql}\nUNION ALL BY NAME\n${ofOtherRuns(before, run)}`;
}

/** The rows of before without those that give way to a delivery, whose rows were set aside or not. */
export function dropCovered(before: Rows, covered: CoveredRows, delivered: readonly Rows[]): Rows {
  const [type, ...others] = [before, ...delivered].map(({ columns }) => find(columns, covered.by)?.type);
  // a column that has another type since tells nothing
  if (type === undefined || others.some((other) => other !== type)) return before;
  const column = quoteIdentifier(covered.by);
  const rows = delivered.map(({ sql }) => `SELECT ${column} FROM (${sql})`).join(" UNION ALL ");
  return { ...before, sql: `SELECT * FROM (${before.sql}) WHERE NOT ${coveredSql(covered, column, type, rows)}` };
}

/** The rows of before without those that a delivery sets aside once more, such as rows that belong to no window. */
export function dropRepeated(before: Rows, aside: Rows): Rows {
  return { ...before, sql: `SELECT * FROM (${before.sql}) AS old WHERE NOT ${isAmong(before, aside)}` };
}

/** The rows that are still to be resolved after the delivery. */
export function mergeRows({ before, aside, passing, key, run }: AsideDelivery): string {
  const sameKey = (rows: Rows): string =>
    `EXISTS (SELECT 1 FROM (${rows.sql}) AS now WHERE ${matchKeys("old", before.columns, "now", rows.columns, key)})`;
  return `WITH old AS MATERIALIZED (${ofOtherRuns(before, run)})
    SELECT * FROM (${aside.sql}) AS now WHERE NOT EXISTS (SELECT 1 FROM old WHERE ${sameRow("old", before.columns, "now", aside.columns)})
    UNION ALL BY NAME
    SELECT * FROM old WHERE NOT ${sameKey(passing)} AND (${isAmong(before, aside)} OR NOT ${sameKey(aside)})`;
}

/** Whether a row `old` of before is set aside now as well, for the same reasons. */
function isAmong(before: Rows, aside: Rows): string {
  return `EXISTS (SELECT 1 FROM (${aside.sql}) AS now WHERE ${sameRow("old", before.columns, "now", aside.columns)})`;
}

function ofOtherRuns({ sql, columns }: Rows, run: AsideRun): string {
  if (!has(columns, runColumn)) return `SELECT * FROM (${sql})`;
  return `SELECT * FROM (${sql}) WHERE NOT (${isOfRun(run)})`;
}

function matchKeys(
  left: string,
  leftColumns: readonly Column[],
  right: string,
  rightColumns: readonly Column[],
  key: readonly string[],
): string {
  const conditions = key.map((name) => compare(left, leftColumns, "=", right, rightColumns, name));
  return conditions.join(" AND ");
}

/** Columns that tell rows apart which were set aside: what they were tells those that a step has taken out, which lack other columns. */
function tellsRows(column: Column): boolean {
  return isOwnColumn(column) || column.name === reasonsColumn || column.name === rowColumn;
}

/** Equal in all columns of the row, as it was and as it is, and in the reasons; a column that one side lacks is empty there. */
function sameRow(left: string, leftColumns: readonly Column[], right: string, rightColumns: readonly Column[]): string {
  const names = new Map(
    [...leftColumns, ...rightColumns].filter(tellsRows).map(({ name }) => [name.toLowerCase(), name]),
  );
  const conditions = [...names.values()].map((name) =>
    compare(left, leftColumns, "IS NOT DISTINCT FROM", right, rightColumns, name),
  );
  return conditions.join(" AND ");
}

function compare(
  left: string,
  leftColumns: readonly Column[],
  operator: "=" | "IS NOT DISTINCT FROM",
  right: string,
  rightColumns: readonly Column[],
  name: string,
): string {
  const column = quoteIdentifier(name);
  const [first, second] = [find(leftColumns, name)?.type, find(rightColumns, name)?.type];
  if (first === second) return `${left}.${column} ${operator} ${right}.${column}`;
  // values of two types are compared as text, because not every value of the one can be cast to the other
  const text = (alias: string, type: string | undefined): string =>
    type === undefined ? "NULL" : `CAST(${alias}.${column} AS VARCHAR)`;
  return `${text(left, first)} ${operator} ${text(right, second)}`;
}

function has(columns: readonly Column[], name: string): boolean {
  return find(columns, name) !== undefined;
}

function find(columns: readonly Column[], name: string): Column | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

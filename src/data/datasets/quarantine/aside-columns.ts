// The columns that a row gets when it is set aside: why, in which run, when, and out of which file.
import { type Column, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";

/** Names of the checks that the row breaks. */
export const reasonsColumn = "_reasons";
/** The run that set the row aside, such as `r42`; NULL in rows that an older version set aside. */
export const runColumn = "_quarantine_run";
/** When that was. */
export const timeColumn = "_quarantine_at";
/** The file that the row came from, relative to the project; NULL where a query has mixed the rows of several. */
export const fileColumn = "_quarantine_file";

/** In the order in which they follow the columns of the row. */
export const asideColumns: readonly Column[] = [
  { name: reasonsColumn, type: "VARCHAR[]" },
  { name: runColumn, type: "VARCHAR" },
  { name: timeColumn, type: "TIMESTAMP WITH TIME ZONE" },
  { name: fileColumn, type: "VARCHAR" },
];

/** The row as it was, as JSON, where it was set aside before it had the columns of the dataset; else NULL. */
export const rowColumn = "_quarantine_row";

/** The columns, also for rows that were set aside before they had the columns of the dataset. */
export const earlyAsideColumns: readonly Column[] = [...asideColumns, { name: rowColumn, type: "VARCHAR" }];

/** The run that sets rows aside. */
export interface AsideRun {
  readonly id: RunId;
  readonly createdAtMs: number;
}

/** Columns of a `select` that say which run set the row aside, and when. */
export function markSql({ id, createdAtMs }: AsideRun, nowMs: number): string {
  const atMs = Math.max(nowMs, createdAtMs);
  return `${quoteLiteral(formatRunId(id))} AS ${runColumn}, to_timestamp(${atMs / 1_000}) AS ${timeColumn}`;
}

/** True for a row that this run has set aside, never NULL. Another store has a run of the same number, but had it before. */
export function isOfRun({ id, createdAtMs }: AsideRun): string {
  const since = `to_timestamp(${createdAtMs / 1_000})`;
  return `coalesce(${runColumn} = ${quoteLiteral(formatRunId(id))} AND ${timeColumn} >= ${since}, false)`;
}

/** Tells whether a column is one of the row itself. */
export function isOwnColumn({ name }: Column): boolean {
  return !earlyAsideColumns.some((aside) => aside.name === name.toLowerCase());
}

/** @throws MillraceError `SCHEMA_MISMATCH` for rows that have a column of such a name already */
export function assertNoAsideColumns(columns: readonly Column[]): void {
  const taken = columns.find((column) => !isOwnColumn(column));
  if (taken === undefined) return;
  throw new MillraceError(
    "SCHEMA_MISMATCH",
    `rows with \`quarantine\` checks cannot have a column \`${taken.name}\`, which tells why a row was set aside`,
    { hint: "rename it in the query" },
  );
}

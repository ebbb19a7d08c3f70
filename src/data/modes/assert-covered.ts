// Rows that a run brings must be among those that it replaces: others would be there twice when their own window is filled.
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type CoveredRows, coveredSql } from "./row-rule.ts";

/** @throws MillraceError `CHECKS_FAILED` for rows whose value of `by` is NULL, or outside of the window of the run */
export async function assertCovered(
  session: EngineSession,
  rows: { readonly sql: string; readonly columns: readonly Column[] },
  covered: CoveredRows,
  signal: AbortSignal,
): Promise<void> {
  const { by, ranges } = covered;
  const column = quoteIdentifier(by);
  const type = rows.columns.find(({ name }) => name === by)?.type ?? "VARCHAR";
  const isCovered = ranges === undefined ? "true" : coveredSql(covered, column, type, rows.sql);
  const [found] = await session.query(
    `SELECT count(*) FILTER (WHERE ${column} IS NULL) AS nulls,
      count(*) FILTER (WHERE ${column} IS NOT NULL AND NOT ${isCovered}) AS outside FROM (${rows.sql})`,
    { signal },
  );
  if (Number(found?.["nulls"]) > 0) {
    const message = `rows of mode \`delete_insert\` have a null in the column \`${by}\`, rows: \`${String(found?.["nulls"])}\``;
    throw new MillraceError("CHECKS_FAILED", message, {
      hint: "filter these rows out, or give them a time in the query",
    });
  }
  if (Number(found?.["outside"]) > 0) {
    const message = `rows lie outside of the window of the run by their column \`${by}\`, rows: \`${String(found?.["outside"])}\``;
    throw new MillraceError("CHECKS_FAILED", message, {
      hint: `${describe(covered)}; filter the others out in the query: the run of their own window brings them`,
    });
  }
}

function describe({ ranges = [] }: CoveredRows): string {
  const shown = ranges.slice(0, 3).map(({ from, to }) => `from \`${from}\` to before \`${to}\``);
  return `the run covers ${shown.join(", ")}${ranges.length > shown.length ? " and more" : ""}`;
}

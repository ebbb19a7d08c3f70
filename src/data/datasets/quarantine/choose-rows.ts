// From a person's selection to SQL over a quarantine. Nothing of it is SQL that the person wrote: values are compared as text.
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { QuarantineSelection } from "../../../core/dataset/quarantine.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { asideColumns, reasonsColumn, runColumn } from "./aside-columns.ts";

/** True for the rows of the selection, never NULL. @throws MillraceError `VALUE_INVALID` for a column that is not there */
export function selectionSql({ run, check, where = {} }: QuarantineSelection, columns: readonly Column[]): string {
  const conditions = Object.entries(where).map(([name, value]) => {
    const column = quoteIdentifier(requireColumn(name, columns).name);
    return value === null
      ? `${column} IS NULL`
      : `CAST(${column} AS VARCHAR) IS NOT DISTINCT FROM ${quoteLiteral(value)}`;
  });
  if (check !== undefined) conditions.push(`list_contains(${reasonsColumn}, ${quoteLiteral(check)})`);
  if (run !== undefined) {
    const hasRuns = columns.some(({ name }) => name === runColumn);
    conditions.push(hasRuns ? `${runColumn} IS NOT DISTINCT FROM ${quoteLiteral(run)}` : "false");
  }
  return conditions.length === 0
    ? "true"
    : conditions.map((condition) => `coalesce(${condition}, false)`).join(" AND ");
}

/** All columns of a quarantine, also of one that an older version made and that lacks some, as `select` list. */
export function withAsideColumns(columns: readonly Column[]): string {
  const missing = asideColumns.filter(({ name }) => !columns.some((column) => column.name === name));
  return ["*", ...missing.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${name}`)].join(", ");
}

function requireColumn(name: string, columns: readonly Column[]): Column {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  throw new MillraceError("VALUE_INVALID", `the quarantine has no column \`${name}\`${suggest(name, names)}`, {
    hint: `its columns: ${names.join(", ")}`,
  });
}

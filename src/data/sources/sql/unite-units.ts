// The rows of several units as rows of one query.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SpoolColumn } from "../../files/text-spool.ts";
import type { CopiedRows } from "./copied-rows.ts";

/**
 * Types are those of all units. A database that has types of values (SQLite) may give a unit others than the one before; what they
 * have in common is that they are texts.
 * @param parts not empty
 * @throws MillraceError `SOURCE_UNREADABLE` when the query has other columns than it had
 */
export function uniteUnits(parts: readonly CopiedRows[]): CopiedRows {
  const [first, ...others] = parts;
  if (first === undefined) throw new MillraceError("INTERNAL", "no unit was read");
  if (others.length === 0) return first;
  const untyped = parts.map((part) => new Set(part.untyped));
  const columns = first.columns.map((_column, index) => uniteColumn(parts, index, untyped));
  return {
    columns,
    spools: parts.flatMap(({ spools }) => spools),
    untyped: (first.untyped ?? []).filter((name) => untyped.every((names) => names.has(name))),
    warnings: [...new Set(parts.flatMap(({ warnings = [] }) => warnings))],
  };
}

function uniteColumn(
  parts: readonly CopiedRows[],
  index: number,
  untyped: readonly ReadonlySet<string>[],
): SpoolColumn {
  const all = parts.map(({ columns }) => columns[index]);
  const [first] = all;
  if (first === undefined || all.some((column) => column?.name !== first.name)) throw changed();
  const typed = all.flatMap((column, part) =>
    column === undefined || untyped[part]?.has(column.name) === true ? [] : [column],
  );
  const [one = first, ...others] = typed;
  if (others.every(({ type }) => type === one.type)) return one;
  return { name: one.name, type: "VARCHAR", fromText: (text) => text };
}

function changed(): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", "the columns of what the source reads have changed while it was read", {
    hint: "somebody has altered a table; the run is tried again",
    disposition: "retry",
  });
}

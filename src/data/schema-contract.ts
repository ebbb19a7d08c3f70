// Joins the columns of new rows to those a table has: new ones are added or refused, types may only get the table's wider one,
// and a column that the rows lack stays, with nulls. Nothing is ever narrowed or dropped.
import { isSameType, untyped } from "../compute/engine-type.ts";
import { type Column, quoteIdentifier } from "../compute/engine.ts";
import { isWidening } from "../compute/widen-type.ts";
import type { SchemaContract } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";

/** A column as a target will hold it, and how its value is made from a row. */
export interface HeldColumn extends Column {
  /** SQL over the row. */
  readonly expression: string;
}

/** How rows are brought into the shape of the table. */
export interface ColumnPlan {
  /** In the table's order, new ones last. */
  readonly columns: readonly HeldColumn[];
  readonly added: readonly string[];
  /** Columns of the table that the rows lack. */
  readonly missing: readonly string[];
}

/** A column that a target holds as it comes. */
export function heldAsIs({ name, type }: Column): HeldColumn {
  return { name, type, expression: quoteIdentifier(name) };
}

/**
 * Plans the columns of the table after the rows are in.
 * @param where names the table in messages, e.g. ``dataset `flights` ``
 * @param have columns of the table that is there, `undefined` when there is none
 * @throws MillraceError `SCHEMA_MISMATCH` naming the column, what the table has and what the rows want
 */
export function planColumns(
  where: string,
  want: readonly HeldColumn[],
  have: readonly Column[] | undefined,
  contract: SchemaContract,
): ColumnPlan {
  const wanted = new Map<string, HeldColumn>();
  for (const column of want) {
    const before = wanted.get(column.name.toLowerCase());
    if (before !== undefined) throw sameName(where, before.name, column.name);
    wanted.set(column.name.toLowerCase(), column);
  }
  if (have === undefined) return { columns: want.map(withType), added: [], missing: [] };
  const present = new Set(have.map(({ name }) => name.toLowerCase()));
  const added = want.filter(({ name }) => !present.has(name.toLowerCase()));
  const missing = have.filter(({ name }) => !wanted.has(name.toLowerCase()));
  if (contract === "freeze") assertFrozen(where, added, missing);
  const kept = have.map((column) => fit(where, column, wanted.get(column.name.toLowerCase()), contract));
  return { columns: [...kept, ...added.map(withType)], added: namesOf(added), missing: namesOf(missing) };
}

/** The rows of `sql` in the shape of the plan; `sql` itself when they have it already. */
export function selectColumns(sql: string, from: readonly Column[], plan: readonly HeldColumn[]): string {
  const sameShape =
    from.length === plan.length &&
    plan.every(({ name, expression }, index) => name === from[index]?.name && expression === quoteIdentifier(name));
  if (sameShape) return sql;
  const list = plan.map(({ name, expression }) => `${expression} AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} FROM (\n${sql.replace(/[\s;]+$/, "")}\n)`;
}

/** A column of nothing but nulls must have some type. */
function withType(column: HeldColumn): HeldColumn {
  if (column.type !== untyped) return column;
  return { ...column, type: "VARCHAR", expression: `CAST(${column.expression} AS VARCHAR)` };
}

function fit(where: string, have: Column, want: HeldColumn | undefined, contract: SchemaContract): HeldColumn {
  const { name, type } = have;
  if (want === undefined) return { name, type, expression: `CAST(NULL AS ${type})` };
  if (isSameType(want.type, type)) return { name, type, expression: want.expression };
  const allowed = contract === "evolve" || want.type === untyped;
  if (allowed && isWidening(want.type, type)) {
    return { name, type, expression: `CAST(${want.expression} AS ${type})` };
  }
  throw new MillraceError("SCHEMA_MISMATCH", `column \`${name}\` of ${where} is \`${type}\`, got: \`${want.type}\``, {
    hint: `cast it in the query: \`cast(${name} as ${type})\`, or write to a new table`,
  });
}

function assertFrozen(where: string, added: readonly Column[], missing: readonly Column[]): void {
  const [extra] = added;
  const [lacking] = missing;
  if (extra === undefined && lacking === undefined) return;
  const difference =
    extra === undefined ? `no column \`${lacking?.name}\`` : `a new column \`${extra.name}\` of type \`${extra.type}\``;
  throw new MillraceError("SCHEMA_MISMATCH", `the schema of ${where} is frozen, got: ${difference}`, {
    hint: 'make the query return the columns of the table, or set `schema: "evolve"`',
  });
}

function sameName(where: string, first: string, second: string): MillraceError {
  return new MillraceError(
    "SCHEMA_MISMATCH",
    `columns of ${where} differ in case only, got: \`${first}\`, \`${second}\``,
    {
      hint: "rename one of them in the query",
    },
  );
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}

// Columns that the mode of an output adds to its rows: the moment of a snapshot, and from when to when a version of a row holds.
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ColumnOrigin, Lineage } from "../convert/lineage.ts";
import type { Stamp } from "./row-rule.ts";

/** Rows of a query, as far as they get columns. */
export interface StampedRows {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** `told`: the same rows with the file that each comes from. */
  readonly origin: { readonly told?: string };
  readonly lineage?: Lineage;
}

/** The rows with the columns of `stamps`. @throws MillraceError `SCHEMA_MISMATCH` for rows that have a column of this name */
export function stampRows<Query extends StampedRows>(query: Query, dataset: string, stamps: readonly Stamp[]): Query {
  if (stamps.length === 0) return query;
  for (const stamp of stamps) assertAbsent(dataset, stamp, query.columns);
  const added = stamps.map(({ name, value }) => `${value} AS ${quoteIdentifier(name)}`).join(", ");
  const withStamps = (sql: string): string => `SELECT *, ${added} FROM (\n${sql}\n)`;
  const { told } = query.origin;
  return {
    ...query,
    sql: withStamps(query.sql),
    columns: [...query.columns, ...stamps.map(({ name, type }) => ({ name, type }))],
    origin: { ...query.origin, ...(told === undefined ? {} : { told: withStamps(told) }) },
    ...(query.lineage === undefined ? {} : { lineage: withConstants(query.lineage, stamps) }),
  };
}

function assertAbsent(dataset: string, { name }: Stamp, columns: readonly Column[]): void {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) return;
  const message = `the mode of dataset \`${dataset}\` adds a column \`${name}\`, and its rows have one: \`${found.name}\``;
  throw new MillraceError("SCHEMA_MISMATCH", message, {
    hint: "leave it out in the query, or give the column of the mode another name: `moment`, `validFrom` or `validTo` of the output",
  });
}

function withConstants(lineage: Lineage, stamps: readonly Stamp[]): Lineage {
  const constants = stamps.map(({ name }): [string, ColumnOrigin] => [name.toLowerCase(), { from: [] }]);
  return new Map([...lineage, ...constants]);
}

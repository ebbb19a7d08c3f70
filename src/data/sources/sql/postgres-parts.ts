// Splits a table of Postgres into parts that are read at once: by its pages, or by its partitions.
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import type { PostgresColumn } from "../../postgres/postgres-column.ts";
import { selectTexts, type TextSelect } from "../../postgres/postgres-spool.ts";

export interface SplitTable {
  /** As SQL has it. */
  readonly table: string;
  /** Kind in the catalog. */
  readonly kind: string;
  readonly columns: readonly PostgresColumn[];
  /** Parts at most. */
  readonly parallel: number;
}

/** Selects which together give every row once, as of one snapshot. A view and a small table are one part. */
export async function splitTable(
  session: PostgresSession,
  { table, kind, columns, parallel }: SplitTable,
): Promise<readonly [TextSelect, ...TextSelect[]]> {
  const names = columns.map(({ name }) => name);
  const whole = selectTexts(columns, table, names);
  if (kind === "r" || kind === "m") {
    const [first = "", ...others] = await splitPages(session, table, parallel);
    const part = (range: string): TextSelect => ({ ...whole, sql: `${whole.sql}${range}` });
    return [part(first), ...others.map(part)];
  }
  if (kind !== "p") return [whole];
  const [first, ...others] = groupLeaves(await findLeaves(session, table), parallel);
  if (first === undefined || others.length === 0) return [whole];
  const part = (leaves: readonly string[]): TextSelect => ({
    ...whole,
    sql: leaves.map((leaf) => selectTexts(columns, leaf, names).sql).join(" UNION ALL "),
  });
  return [part(first), ...others.map(part)];
}

/** A part of fewer pages is read faster than another connection is made: 8 MB. */
const minPages = 1_000;

/** Pages of a table in equal parts; the last part has no end, because the table grows while it is read. */
async function splitPages(session: PostgresSession, table: string, parallel: number): Promise<string[]> {
  const [row] = await session.query(
    "SELECT pg_relation_size(to_regclass($1)) / current_setting('block_size')::bigint",
    [table],
  );
  const pages = Number(row?.[0] ?? 0);
  const parts = Math.min(parallel, Math.max(1, Math.floor(pages / minPages)));
  const step = Math.ceil(pages / parts);
  if (parts === 1) return [""];
  return Array.from({ length: parts }, (_, index) => {
    const end = index === parts - 1 ? "" : ` AND ctid < '(${(index + 1) * step},0)'`;
    return ` WHERE ctid >= '(${index * step},0)'${end}`;
  });
}

/** A partition that has rows itself. */
export interface Leaf {
  /** As SQL has it. */
  readonly table: string;
  readonly pages: number;
}

/** A range of pages of the table itself would be that of each partition. @returns none where one of them is in another database */
async function findLeaves(session: PostgresSession, table: string): Promise<readonly Leaf[]> {
  const rows = await session.query(
    `SELECT format('%I.%I', n.nspname, c.relname), c.relkind,
        pg_relation_size(c.oid) / current_setting('block_size')::bigint
      FROM pg_partition_tree(to_regclass($1)) t JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE t.isleaf ORDER BY 1`,
    [table],
  );
  if (rows.some(([, kind]) => kind !== "r")) return [];
  return rows.map(([name, , pages]) => ({ table: name ?? "", pages: Number(pages) }));
}

/** Groups of about the same size: the largest one goes where the least is. */
export function groupLeaves(leaves: readonly Leaf[], parallel: number): readonly (readonly string[])[] {
  const pages = leaves.reduce((sum, leaf) => sum + leaf.pages, 0);
  const count = Math.min(parallel, leaves.length, Math.max(1, Math.floor(pages / minPages)));
  const groups = Array.from({ length: count }, () => ({ pages: 0, tables: [] as string[] }));
  for (const leaf of leaves.toSorted((a, b) => b.pages - a.pages)) {
    const least = groups.reduce((one, other) => (other.pages < one.pages ? other : one));
    least.pages += leaf.pages;
    least.tables.push(leaf.table);
  }
  return groups.map(({ tables }) => tables).filter((tables) => tables.length > 0);
}

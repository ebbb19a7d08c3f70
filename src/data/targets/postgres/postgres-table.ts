// One table of a Postgres database, by its names in the catalog.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { listNames, type PostgresColumn, toEngineColumn } from "../../postgres/postgres-column.ts";
import type { PublicationMemory } from "../../publication-order.ts";
import type { Writer } from "../../target.ts";
import { publicationTable, selectMemory, toMemory } from "../publication-table.ts";
import type { TableLocation } from "../table-options.ts";

/** A table, in whichever database. */
export interface PostgresTable {
  readonly schema: string;
  readonly table: string;
}

/** How a table is recorded. Neither name has a dot. */
export function toLocation(database: string, { schema, table }: PostgresTable): TableLocation {
  return { format: "postgres", path: database, table: `${schema}.${table}` };
}

/** The table of a location. */
export function ofLocation({ table: name }: Pick<TableLocation, "table">): PostgresTable {
  const [schema = "", table = ""] = name.split(".");
  return { schema, table };
}

/** The names as SQL has them. */
export function qualify({ schema, table }: PostgresTable): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** The memory of the schema that a table is in. */
export function memoryOf({ schema }: PostgresTable): PostgresTable {
  return { schema, table: publicationTable };
}

/**
 * Columns that rows may have, so that none which the server computes is among them; `undefined` when there is no table.
 * @throws MillraceError `TARGET_UNREADABLE` for a view and the like
 */
export async function findColumns(
  session: PostgresSession,
  place: PostgresTable,
): Promise<readonly PostgresColumn[] | undefined> {
  const [found] = await session.query("SELECT relkind FROM pg_class WHERE oid = to_regclass($1)", [qualify(place)]);
  if (found === undefined) return undefined;
  if (found[0] !== "r" && found[0] !== "p") {
    throw new MillraceError(
      "TARGET_UNREADABLE",
      `\`${place.schema}.${place.table}\` is no table, got: kind \`${found[0]}\``,
      {
        hint: "name another table; rows are published to tables alone",
      },
    );
  }
  const names = await session.query(
    `SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0
      AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [qualify(place)],
  );
  const columns: Column[] = names.map(([name]) => ({ name: name ?? "", type: "" }));
  const fields = await session.describe(`SELECT ${listNames(columns)} FROM ${qualify(place)}`);
  return fields.map(toEngineColumn);
}

/**
 * A column of less than microseconds rounds what it gets, so that the rows of the table would not be those that were checked, and
 * would match no key.
 * @throws MillraceError `TARGET_UNSUPPORTED` naming such a column of `columns`
 */
export async function assertExactTimes(
  session: PostgresSession,
  place: PostgresTable,
  columns: readonly Column[],
): Promise<void> {
  const rounding = await session.query(
    `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0
      AND NOT attisdropped AND atttypmod BETWEEN 0 AND 5
      AND atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype)`,
    [qualify(place)],
  );
  const names = new Set(columns.map(({ name }) => name));
  const [name, type] = rounding.find(([column = null]) => column !== null && names.has(column)) ?? [];
  if (name === undefined) return;
  const message = `column \`${name}\` of table ${qualify(place)} rounds the times that it gets, got: type \`${type}\``;
  throw new MillraceError("TARGET_UNSUPPORTED", message, {
    hint: "give the column the type without a number in brackets, which keeps microseconds",
  });
}

/** Attempts of one run, and runs of one table, come one after the other. */
export async function beginPublication(session: PostgresSession, place: PostgresTable): Promise<void> {
  await session.execute("BEGIN");
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`millrace:${qualify(place)}`]);
}

export async function countRows(session: PostgresSession, place: PostgresTable): Promise<number> {
  const [row] = await session.query(`SELECT count(*) FROM ${qualify(place)}`);
  return Number(row?.[0]);
}

/** What the schema remembers of a dataset; nothing for one that nobody has published to. */
export async function readMemory(
  session: PostgresSession,
  place: PostgresTable,
  writer: Pick<Writer, "runKey" | "dataset">,
): Promise<PublicationMemory> {
  const memory = memoryOf(place);
  if (!(await isThere(session, memory))) return { hasOwn: false };
  const [row] = await session.query(selectMemory(qualify(memory), writer, "position"));
  return toMemory({ has_own: row?.[0] === "t", run_id: row?.[1], fingerprint: row?.[2] });
}

export async function isThere(session: PostgresSession, place: PostgresTable): Promise<boolean> {
  const [row] = await session.query("SELECT to_regclass($1)", [qualify(place)]);
  return row?.[0] !== null;
}

// One table of a Redshift database, by its names in the catalog, and what its schema remembers of publications.
import { MillraceError } from "../../../core/errors/errors.ts";
import { foldTableName } from "../../../core/dataset/dataset-location.ts";
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import type { PublicationMemory } from "../../publication-order.ts";
import type { Writer } from "../../target.ts";
import { publicationTable, toMemory } from "../publication-table.ts";
import type { TableLocation } from "../table-options.ts";
import { quoteName, quoteText } from "./redshift-text.ts";
import { type RedshiftColumn, toEngineColumn } from "./redshift-types.ts";

/** A table, in whichever database. */
export interface RedshiftTable {
  readonly schema: string;
  readonly table: string;
}

/** How a table is recorded. Neither name has a dot. */
export function toLocation(database: string, { schema, table }: RedshiftTable): TableLocation {
  return { format: "redshift", path: database, table: foldTableName(`${schema}.${table}`) };
}

/** The table of a location. */
export function ofLocation({ table: name }: Pick<TableLocation, "table">): RedshiftTable {
  const [schema = "", table = ""] = name.split(".");
  return { schema, table };
}

/** The names as SQL has them. */
export function qualify({ schema, table }: RedshiftTable): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

/** The memory of the schema that a table is in. */
export function memoryOf({ schema }: RedshiftTable): RedshiftTable {
  return { schema, table: publicationTable };
}

/** `undefined` when there is no table. @throws MillraceError `TARGET_UNREADABLE` for a view and the like */
export async function findColumns(
  session: PostgresSession,
  place: RedshiftTable,
): Promise<readonly RedshiftColumn[] | undefined> {
  const found = await session.query(`SELECT c.relkind, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid ${ofPlace(place)}
    AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`);
  const [kind] = found[0] ?? [];
  if (kind === undefined) return undefined;
  if (kind !== "r") {
    throw new MillraceError(
      "TARGET_UNREADABLE",
      `\`${place.schema}.${place.table}\` is no table, got: kind \`${kind}\``,
      { hint: "name another table; rows are published to tables alone" },
    );
  }
  return found.map(([, name, declared]) => toEngineColumn(name ?? "", declared ?? ""));
}

export async function isThere(session: PostgresSession, place: RedshiftTable): Promise<boolean> {
  return (await session.query(`SELECT 1 FROM pg_catalog.pg_class c ${ofPlace(place)}`)).length > 0;
}

/** Not every role that may use a schema may ask for one to be made. */
export async function makeSchema(session: PostgresSession, { schema }: RedshiftTable): Promise<void> {
  const found = await session.query(
    `SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ${quoteText(foldTableName(schema))}`,
  );
  if (found.length === 0) await session.execute(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`);
}

export async function countRows(session: PostgresSession, place: RedshiftTable): Promise<number> {
  const [row] = await session.query(`SELECT count(*) FROM ${qualify(place)}`);
  return Number(row?.[0]);
}

/** Makes the memory of the schema. Two runs that are the first ones at once both find it. */
export async function prepareMemory(session: PostgresSession, place: RedshiftTable): Promise<void> {
  const memory = memoryOf(place);
  if (await isThere(session, memory)) return;
  try {
    // identities are not given in the order of rows, so that publications are counted
    await session.execute(`CREATE TABLE IF NOT EXISTS ${qualify(memory)} (publication BIGINT NOT NULL,
      run_id VARCHAR(256) NOT NULL, dataset VARCHAR(1024) NOT NULL, fingerprint VARCHAR(1024) NOT NULL)`);
  } catch (error) {
    if (!(await isThere(session, memory))) throw error;
  }
}

/** What the schema remembers of a dataset; nothing for one that nobody has published to. */
export async function readMemory(
  session: PostgresSession,
  place: RedshiftTable,
  { runKey, dataset }: Pick<Writer, "runKey" | "dataset">,
): Promise<PublicationMemory> {
  const memory = memoryOf(place);
  if (!(await isThere(session, memory))) return { hasOwn: false };
  const ofDataset = `FROM ${qualify(memory)} WHERE dataset = ${quoteText(dataset)}`;
  const [last] = await session.query(`SELECT run_id, fingerprint ${ofDataset} ORDER BY publication DESC LIMIT 1`);
  const [own] = await session.query(`SELECT count(*) ${ofDataset} AND run_id = ${quoteText(runKey)}`);
  return toMemory({ has_own: own?.[0] !== "0", run_id: last?.[0], fingerprint: last?.[1] });
}

/** Makes a publication the last one of its dataset; within a transaction that has locked the memory. */
export function rememberStatements(place: RedshiftTable, { runKey, dataset, fingerprint }: Writer): string[] {
  const memory = qualify(memoryOf(place));
  const [run, name] = [quoteText(runKey), quoteText(dataset)];
  return [
    `DELETE FROM ${memory} WHERE run_id = ${run} AND dataset = ${name}`,
    `INSERT INTO ${memory} (publication, run_id, dataset, fingerprint)
      SELECT coalesce(max(publication), 0) + 1, ${run}, ${name}, ${quoteText(fingerprint)} FROM ${memory}`,
  ];
}

function ofPlace({ schema, table }: RedshiftTable): string {
  return `JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${quoteText(foldTableName(schema))} AND c.relname = ${quoteText(foldTableName(table))}`;
}

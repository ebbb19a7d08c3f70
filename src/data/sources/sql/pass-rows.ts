// Rows of Postgres for another Postgres: what the server gives to `COPY`, as of one moment, without a copy here.
import { trimStatement } from "../../../compute/sql-text.ts";
import { isMysql } from "../../../connections/database/database-address.ts";
import { toDatabaseName } from "../../../connections/database/database-choice.ts";
import { findDatabase } from "../../../connections/database/find-database.ts";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import type { PassingRows } from "../../passing-rows.ts";
import { copyFormat } from "../../postgres/copy-format.ts";
import { toCopied, toEngineColumn } from "../../postgres/postgres-column.ts";
import { findSqlitePath, type SqlSource } from "./options.ts";
import { beginReading, beginTable, qualify } from "./read-postgres.ts";

/** Passes rows by `COPY`, which takes no bound value. Arrays have more dimensions than the engine's lists, so that they are looked at. */
export async function passRows<T>(
  source: SqlSource,
  { format, signal }: { readonly format: string; readonly signal: AbortSignal },
  work: (rows: PassingRows) => Promise<T>,
): Promise<T | undefined> {
  const { params = [] } = source;
  if (format !== copyFormat || findSqlitePath(source) !== undefined || params.length > 0) return undefined;
  const name = toDatabaseName(source);
  if (isMysql(await findDatabase(name))) return undefined;
  return await withPostgres(name, { signal }, async (session) => {
    const from = await begin(session, source);
    const fields = await session.describe(`SELECT * FROM ${from}`);
    const columns = fields.map(toEngineColumn);
    const names = new Set(fields.map(({ name: field }) => field.toLowerCase()));
    const isPlain = columns.every(({ type }) => !type.endsWith("[]"));
    // what is wrong with the names is said where rows are read
    if (!isPlain || fields.length === 0 || names.size < fields.length) return undefined;
    const select = `SELECT ${fields.map(toCopied).join(", ")} FROM ${from}`;
    return await work({
      columns: columns.map(({ name: column, type }) => ({ name: column, type })),
      open: () => session.framesOut(`COPY (${select}) TO STDOUT`),
    });
  });
}

/** @returns what is read, as it stands behind FROM */
async function begin(session: PostgresSession, { query, table = "" }: SqlSource): Promise<string> {
  if (query === undefined) await beginTable(session, qualify(table));
  else await beginReading(session);
  // a table that is large enough is read from where others are just reading it, each time in another order
  await session.execute("SET LOCAL synchronize_seqscans = off");
  return query === undefined ? qualify(table) : `(${trimStatement(query)}\n) AS millrace_rows`;
}

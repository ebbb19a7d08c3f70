// How others read a table that was published to Redshift: from a copy as text, which a cursor gives piece by piece.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { spoolRelation, type TextRow, writeSpool } from "../../files/text-spool.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findColumns, ofLocation, qualify } from "./redshift-table.ts";
import { quoteName } from "./redshift-text.ts";

/** Copies the table to the spool. @throws MillraceError `SOURCE_MISSING` when the table is not there */
export async function readRedshiftTable(location: TableLocation, { spool }: TableReading): Promise<TableRows> {
  await makeFolder(spool);
  const place = ofLocation(location);
  return await withPostgres(location.path, { server: "redshift" }, async (session) => {
    const columns = await findColumns(session, place);
    if (columns === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${location.table}\` in \`${location.path}\``);
    }
    const texts = columns.map((column) => column.toText(quoteName(column.name)));
    const rows = await writeSpool(
      join(spool, `${randomUUID()}.csv`),
      readChunks(session, `SELECT ${texts.join(", ")} FROM ${qualify(place)}`),
    );
    return { sql: spoolRelation([rows], columns) };
  });
}

const rowsAtOnce = 5_000;

/** There is no `COPY … TO STDOUT`, and without a cursor all rows would be in memory at once. */
async function* readChunks(session: PostgresSession, select: string): AsyncGenerator<readonly TextRow[]> {
  await session.execute("BEGIN");
  await session.execute(`DECLARE millrace_rows CURSOR FOR ${select}`);
  for (;;) {
    const rows = await session.query(`FETCH FORWARD ${rowsAtOnce} FROM millrace_rows`);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) break;
  }
  await session.execute("COMMIT");
}

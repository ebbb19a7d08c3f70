// How others read a table that was published to Postgres: from a copy as text, so that nothing is held open while a query runs.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { spoolRelation } from "../../files/text-spool.ts";
import { selectTexts, spoolRows } from "../../postgres/postgres-spool.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findColumns, ofLocation, qualify } from "./postgres-table.ts";

/** Copies the table to the spool. @throws MillraceError `SOURCE_MISSING` when the table is not there */
export async function readPostgresTable(location: TableLocation, { spool }: TableReading): Promise<TableRows> {
  await makeFolder(spool);
  const place = ofLocation(location);
  return await withPostgres(location.path, {}, async (session) => {
    const columns = await findColumns(session, place);
    if (columns === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${location.table}\` in \`${location.path}\``);
    }
    const select = selectTexts(
      columns,
      qualify(place),
      columns.map(({ name }) => name),
    );
    const rows = await spoolRows(session, select, join(spool, `${randomUUID()}.csv`));
    return { sql: spoolRelation([rows], columns) };
  });
}

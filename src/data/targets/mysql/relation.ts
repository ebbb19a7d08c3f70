// How others read a table that was published to MySQL: from a copy as text, so that nothing is held open while a query runs.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { withMysql } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { spoolRelation } from "../../files/text-spool.ts";
import { selectTexts } from "../../mysql/mysql-column.ts";
import { spoolRows } from "../../mysql/mysql-spool.ts";
import { quoteName } from "../../mysql/mysql-text.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findColumns } from "./mysql-place.ts";

/** Copies the table to the spool. @throws MillraceError `SOURCE_MISSING` when the table is not there */
export async function readMysqlTable({ path, table }: TableLocation, { spool }: TableReading): Promise<TableRows> {
  await makeFolder(spool);
  return await withMysql(path, {}, async (session) => {
    const columns = await findColumns(session, table);
    if (columns === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${table}\` in \`${path}\``);
    }
    const names = columns.map(({ name }) => name);
    const select = selectTexts(columns, quoteName(table), names);
    const rows = await spoolRows(session, [select], join(spool, `${randomUUID()}.csv`));
    return { sql: spoolRelation([rows], columns) };
  });
}

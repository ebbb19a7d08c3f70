// Reads a table that was published to a DuckDB file, from a copy, so that the file is free while a query runs.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { withDuckDbFile } from "./duckdb-file.ts";

/** Copies the table to the spool. */
export async function readDuckDbTable(
  { path, table }: TableLocation,
  { session, spool }: TableReading,
): Promise<TableRows> {
  await makeFolder(spool);
  const copy = join(spool, `${randomUUID()}.parquet`);
  await withDuckDbFile(session, path, { readOnly: true }, async (database) => {
    if ((await database.columns(table)) === undefined) {
      throw new MillraceError("SOURCE_MISSING", `there is no table \`${table}\` in \`${path}\``);
    }
    await session.writeParquet(`SELECT * FROM ${database.qualify(table)}`, { path: copy });
  });
  return { sql: `SELECT * FROM read_parquet(${quoteLiteral(copy)})` };
}

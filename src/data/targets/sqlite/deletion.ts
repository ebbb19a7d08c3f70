// Drops the table of a dataset that is reset; the file stays, since other tables may be in it.
import { existsSync } from "node:fs";
import { type Engine, quoteIdentifier } from "../../../compute/engine.ts";
import { publicationTable } from "../publication-table.ts";
import type { TableLocation } from "../table-options.ts";
import { sqliteColumns } from "./sqlite-columns.ts";
import { whenFree, withSqliteFile } from "./sqlite-file.ts";

/** The file also forgets what was published of `datasets`. */
export async function deleteSqliteTable(
  _engine: Engine,
  { path, table }: TableLocation,
  datasets: readonly string[],
): Promise<void> {
  if (!existsSync(path)) return;
  const access = { readOnly: false };
  await withSqliteFile(path, access, async (database) => {
    await whenFree(() => database.exec("BEGIN IMMEDIATE"), {});
    database.exec(`DROP TABLE IF EXISTS ${quoteIdentifier(table)}`);
    if (sqliteColumns(database, path, publicationTable) !== undefined) {
      const forget = database.prepare(`DELETE FROM ${publicationTable} WHERE dataset = ?`);
      for (const dataset of datasets) forget.run(dataset);
    }
    database.exec("COMMIT");
  });
}

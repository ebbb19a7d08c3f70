// Drops the table of a dataset that is reset; the database stays.
import type { Engine } from "../../../compute/engine.ts";
import { withMysql } from "../../../connections/mysql/mysql-session.ts";
import type { TableLocation } from "../table-options.ts";
import { forget } from "./mysql-memory.ts";
import { dropTables, lockPlace, newTableOf, oldTableOf } from "./mysql-place.ts";

/** The database also forgets what was published of `datasets`. @throws MillraceError `TARGET_CONFLICT` while a run publishes to it */
export async function deleteMysqlTable(
  _engine: Engine,
  { path, table }: TableLocation,
  datasets: readonly string[],
): Promise<void> {
  await withMysql(path, {}, async (session) => {
    await lockPlace(session, table);
    await dropTables(session, table, newTableOf(table), oldTableOf(table));
    await forget(session, datasets);
  });
}

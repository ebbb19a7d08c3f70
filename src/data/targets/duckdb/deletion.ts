// Drops the table of a dataset that is reset; the file stays, since other tables may be in it.
import { existsSync } from "node:fs";
import { type Engine, quoteLiteral } from "../../../compute/engine.ts";
import { publicationTable } from "../publication-table.ts";
import type { TableLocation } from "../table-options.ts";
import { withDuckDbFile } from "./duckdb-file.ts";

/** The file also forgets what was published of `datasets`. */
export async function deleteDuckDbTable(
  engine: Engine,
  { path, table }: TableLocation,
  datasets: readonly string[],
): Promise<void> {
  if (!existsSync(path)) return;
  await using session = await engine.open();
  await withDuckDbFile(session, path, { readOnly: false }, async (file) => {
    await session.execute(`DROP TABLE IF EXISTS ${file.qualify(table)}`);
    if ((await file.columns(publicationTable)) === undefined) return;
    const names = datasets.map(quoteLiteral).join(", ");
    await session.execute(`DELETE FROM ${file.qualify(publicationTable)} WHERE dataset IN (${names})`);
  });
}

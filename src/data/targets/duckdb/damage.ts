// Looks whether a DuckDB file that runs have published to can be opened.
import type { EngineSession } from "../../../compute/engine.ts";
import { findFileDamage } from "../file-damage.ts";
import type { TableLocation } from "../table-options.ts";
import { withDuckDbFile } from "./duckdb-file.ts";

/** Opens the file for reading. */
export async function findDuckDbDamage(
  session: EngineSession,
  { path, table }: TableLocation,
): Promise<readonly string[]> {
  return await findFileDamage(path, async () => {
    await withDuckDbFile(session, path, { readOnly: true }, (file) => file.columns(table));
    return [];
  });
}

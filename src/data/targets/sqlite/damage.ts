// Looks whether an SQLite file that runs have published to can be read as it is.
import type { EngineSession } from "../../../compute/engine.ts";
import { findFileDamage } from "../file-damage.ts";
import type { TableLocation } from "../table-options.ts";
import { hasInterruptedTransaction } from "./sqlite-file.ts";

/** An interrupted transaction is told, and left for a run to roll back. */
export async function findSqliteDamage(_session: EngineSession, { path }: TableLocation): Promise<readonly string[]> {
  return await findFileDamage(path, async () => {
    if (!(await hasInterruptedTransaction(path))) return [];
    return [
      `a transaction on \`${path}\` was interrupted; the next run that reads or writes the dataset rolls it back`,
    ];
  });
}

// Looks whether what runs have published is still there and can be read as it is, without changing anything. What is damaged is
// named before a job trips over it.
import type { Engine, EngineSession } from "../../compute/engine.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { findDeltaSnapshot, openDeltaScan } from "../delta/delta-table.ts";
import { findFileDamage } from "../targets/find-file-damage.ts";

/** One line for each thing that is wrong with the tables of these versions. A Delta table that is gone counts, another file does not. */
export async function findDamage(engine: Engine, versions: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  await using session = await engine.open();
  for (const { dataset, locations } of versions) {
    for (const location of locations) {
      const damage =
        location.format === "delta"
          ? await findTableDamage(session, location.path, location.version)
          : [(await findFileDamage(session, location)) ?? []].flat();
      found.push(...damage.map((message) => `dataset \`${dataset}\`: ${message}`));
    }
  }
  return found;
}

/** Reads the log and looks for the files; opens none. */
async function findTableDamage(session: EngineSession, path: string, version: number): Promise<readonly string[]> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  try {
    const latest = (await findDeltaSnapshot(path, { session, warn }))?.version;
    if (latest === undefined) return [`there is no Delta table at \`${path}\``];
    if (latest < version) return [`the table \`${path}\` is at version ${latest}, although ${version} was published`];
    await (await openDeltaScan(path, { session, version })).select(undefined);
    return warnings;
  } catch (error) {
    if (error instanceof MillraceError) return [error.message];
    throw error;
  }
}

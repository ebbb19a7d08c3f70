// Looks whether what runs have published is still there: a Delta table that lost commits or files is told before a job meets it.
import type { Engine, EngineSession } from "../compute/engine.ts";
import type { DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { findDeltaSnapshot, openDeltaScan } from "./delta/delta-table.ts";

/** One line for each thing that is wrong with the Delta tables of these versions. Reads logs and looks for files; opens none. */
export async function findDamage(engine: Engine, versions: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  await using session = await engine.open();
  for (const { dataset, locations } of versions) {
    for (const location of locations) {
      if (location.format !== "delta") continue;
      const messages = await lookAtTable(session, location.path, location.version);
      found.push(...messages.map((message) => `dataset \`${dataset}\`: ${message}`));
    }
  }
  return found;
}

async function lookAtTable(session: EngineSession, path: string, version: number): Promise<string[]> {
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

// Looks whether what runs have published can be read as it is: what is damaged is told before a job meets it.
import type { Engine, EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { openDeltaSnapshot } from "./delta/delta-table.ts";
import { findFileDamage } from "./targets/find-file-damage.ts";

/** One line for each place of these versions that cannot be read, or that holds an interrupted transaction. Changes nothing. */
export async function findDamage(engine: Engine, versions: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  await using session = await engine.open();
  for (const { dataset, locations } of versions) {
    for (const location of locations) {
      const message =
        location.format === "delta"
          ? await findTableDamage(session, location)
          : await findFileDamage(session, location);
      if (message !== undefined) found.push(`dataset \`${dataset}\`: ${message}`);
    }
  }
  return found;
}

async function findTableDamage(
  session: EngineSession,
  { path, version }: Extract<DatasetLocation, { readonly format: "delta" }>,
): Promise<string | undefined> {
  try {
    await openDeltaSnapshot(path, { session, version });
    return undefined;
  } catch (error) {
    if (error instanceof MillraceError) return error.message;
    throw error;
  }
}

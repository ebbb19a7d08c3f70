// Looks whether the Delta table that runs have published to is there and whole; it reads the log and opens no data file.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertDeltaFiles, findDeltaSnapshot } from "../../delta/delta-table.ts";
import type { DeltaLocation } from "./relation.ts";

/** A table that is gone counts as damage, since its log is what says that rows were published. */
export async function findDeltaDamage(
  session: EngineSession,
  { path, version }: DeltaLocation,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  try {
    const latest = (await findDeltaSnapshot(path, { session, warn }))?.version;
    if (latest === undefined) return [`there is no Delta table at \`${path}\``];
    if (latest < version) return [`the table \`${path}\` is at version ${latest}, although ${version} was published`];
    await assertDeltaFiles(path, { session, version });
    return warnings;
  } catch (error) {
    if (error instanceof MillraceError) return [error.message];
    throw error;
  }
}

// Says which files of a table somebody may still read: those of its newest version, those of every version that was the newest one
// within the retention, and those of versions that are known to be asked for.
import type { EngineSession } from "../../../compute/engine.ts";
import { type DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { Action } from "../log/delta-actions.ts";
import { commitTimestamp, listLog, readCommit } from "../log/delta-log.ts";
import { lastMaintained } from "../log/delta-maintenance.ts";
import { toFilePath } from "../log/delta-path.ts";
import { readSnapshot } from "../log/delta-snapshot.ts";
import { logPathsOf } from "../vectors/vector-path.ts";

export interface NeededFilesInput {
  readonly session: EngineSession;
  readonly snapshot: DeltaSnapshot;
  /** Files that were removed at or after this moment are needed. */
  readonly cutoffMs: number;
  /** Versions that datasets stand for. */
  readonly versions: readonly number[];
}

export interface TableFiles {
  /** Absolute paths, those of vectors of deleted rows included. */
  readonly needed: ReadonlySet<string>;
  /** Everything that the log names, needed or not. */
  readonly named: ReadonlySet<string>;
}

/** Reads the whole log that is there: a checkpoint may have forgotten files sooner than this retention does. */
export async function findTableFiles(input: NeededFilesInput): Promise<TableFiles> {
  const { snapshot, cutoffMs } = input;
  const { tablePath } = snapshot;
  const [needed, named] = [new Set<string>(), new Set<string>()];
  const note = (action: Action, isNeeded: boolean): void => {
    for (const file of filesOf(tablePath, action)) {
      named.add(file);
      if (isNeeded) needed.add(file);
    }
  };
  for (const version of (await listLog(tablePath)).commits) {
    const actions = (await readCommit(tablePath, version)) ?? [];
    const told = actions.find(({ commitInfo }) => commitInfo)?.commitInfo?.timestamp;
    const committedAt = told ?? (await commitTimestamp(tablePath, version)) ?? Infinity;
    for (const action of actions) {
      const removedAt = action.remove?.deletionTimestamp ?? committedAt;
      // a commit may carry an older time than the clock of the one who reads it
      const isRecent = Math.max(removedAt, committedAt) >= cutoffMs;
      note(action, isRecent && (Boolean(action.remove) || Boolean(action.cdc)));
    }
  }
  for (const remove of snapshot.tombstones) note({ remove }, (remove.deletionTimestamp ?? 0) >= cutoffMs);
  for (const add of snapshot.files) note({ add }, true);
  for (const file of await filesOfVersions(input)) needed.add(file);
  return { needed, named };
}

async function filesOfVersions({ session, snapshot, versions }: NeededFilesInput): Promise<string[]> {
  const { tablePath, version: newest, metadata } = snapshot;
  const files: string[] = [];
  for (const version of new Set(versions)) {
    if (version >= newest || (await lastMaintained(tablePath, version, metadata.schemaString)) === newest) continue;
    // a version that cannot be opened any more needs nothing
    const found = await readSnapshot(tablePath, { session, version }).catch(() => undefined);
    files.push(...(found?.files ?? []).flatMap((add) => filesOf(tablePath, { add })));
  }
  return files;
}

function filesOf(tablePath: string, { add, remove, cdc }: Action): string[] {
  return [add, remove, cdc].flatMap((file) =>
    file ? logPathsOf(file).map((path) => toFilePath(tablePath, path)) : [],
  );
}

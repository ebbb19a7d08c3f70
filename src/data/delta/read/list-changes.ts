// Lists, for each commit in a row of them, the files that tell what it changed.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { Action, AddFile, RemoveFile } from "../log/delta-actions.ts";
import { commitTimestamp, listLog, readCommit } from "../log/delta-log.ts";
import { decodePath } from "../log/delta-path.ts";
import { readSnapshot } from "../log/delta-snapshot.ts";

export interface CommitChanges {
  readonly version: number;
  readonly atMs: number;
  /** Files that came, and files that left; none where only their place is new. */
  readonly added: readonly AddFile[];
  readonly removed: readonly AddFile[];
  /** Files in which the writer has told the changes; the others do not count then. */
  readonly changed: readonly AddFile[];
}

/** @throws MillraceError `SOURCE_MISSING` for a commit that is not there any more */
export async function listChanges(
  session: EngineSession,
  { tablePath, version: last }: DeltaSnapshot,
  from: number,
): Promise<CommitChanges[]> {
  const commits: CommitChanges[] = [];
  for (let version = from; version <= last; version += 1) {
    const actions = await readCommit(tablePath, version);
    if (actions === undefined) throw await goneCommit(tablePath, version);
    const found = await changesOf(session, { tablePath, version, actions });
    if (found !== undefined) commits.push(found);
  }
  return commits;
}

/**
 * The first version that was committed at or after an instant, one past the last where none was.
 * @throws MillraceError `SOURCE_MISSING` when the log does not reach back to it
 */
export async function versionAt(tablePath: string, instantMs: number): Promise<number> {
  const { commits } = await listLog(tablePath);
  for (const version of commits) {
    if (((await commitTimestamp(tablePath, version)) ?? 0) < instantMs) continue;
    // what was committed between the instant and the oldest commit that is left, nobody knows
    if (version === commits[0] && version > 0) throw await goneCommit(tablePath, version - 1);
    return version;
  }
  return (commits.at(-1) ?? -1) + 1;
}

/** What to do when changes cannot be had any more. */
export const goneHint =
  "make the dataset that follows anew from the whole table, then set the job's watermark to its version (`millrace state rewind`); a longer retention (`delta.logRetentionDuration`, `delta.deletedFileRetentionDuration`) keeps changes for longer";

interface ReadCommit {
  readonly tablePath: string;
  readonly version: number;
  readonly actions: readonly Action[];
}

async function changesOf(session: EngineSession, commit: ReadCommit): Promise<CommitChanges | undefined> {
  const { tablePath, version, actions } = commit;
  const changed = actions.flatMap(({ cdc }) => (cdc ? [{ ...cdc, modificationTime: 0, dataChange: false }] : []));
  const added = actions.flatMap(({ add }) => (add && add.dataChange ? [add] : []));
  const gone = actions.flatMap(({ remove }) => (remove && remove.dataChange ? [remove] : []));
  if (changed.length + added.length + gone.length === 0) return undefined;
  const atMs = (await commitTimestamp(tablePath, version)) ?? 0;
  if (changed.length > 0) return { version, atMs, changed, added: [], removed: [] };
  return { version, atMs, changed, added, removed: await toAdded(session, commit, gone) };
}

/** A file that left, as it was: some writers say nothing of its partition when it goes. */
async function toAdded(
  session: EngineSession,
  { tablePath, version }: ReadCommit,
  gone: readonly RemoveFile[],
): Promise<AddFile[]> {
  const isTold = gone.every(({ partitionValues }) => partitionValues !== undefined && partitionValues !== null);
  const before = isTold ? undefined : await readSnapshot(tablePath, { session, version: version - 1 });
  const known = new Map(before?.files.map((file) => [decodePath(file.path), file]));
  return gone.map(({ path, partitionValues, size, deletionVector }) => ({
    path,
    partitionValues: partitionValues ?? known.get(decodePath(path))?.partitionValues ?? {},
    size: size ?? 0,
    modificationTime: 0,
    dataChange: true,
    ...(deletionVector ? { deletionVector } : {}),
  }));
}

async function goneCommit(tablePath: string, version: number): Promise<MillraceError> {
  const { commits } = await listLog(tablePath);
  const oldest = commits.find((commit) => commit > version);
  const since = oldest === undefined ? "" : `; its log begins at version ${oldest}`;
  return new MillraceError(
    "SOURCE_MISSING",
    `the changes of version ${version} of \`${tablePath}\` are gone: the log was cleaned up${since}`,
    { hint: goneHint },
  );
}

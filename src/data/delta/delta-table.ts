// A Delta Lake table, on this machine or in a bucket: what the rest of Millrace asks of it.
// Written tables need reader version 1 and writer version 2, which every Delta reader has.
import { isAbsolute, normalize, sep } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CommitInfo } from "./log/delta-actions.ts";
import { decodePath } from "./log/delta-path.ts";
import { listLog, readCommit, readCommitInfo } from "./log/delta-log.ts";
import { tableFilesOf } from "./store/table-files-of.ts";
import type { DeltaSnapshot } from "./log/action-reconciliation.ts";
import { readSnapshot, type ReadSnapshotOptions } from "./log/delta-snapshot.ts";

export { commitDelta, type DeltaCommitResult } from "./write/delta-commit.ts";
export { hasRunCommit } from "./write/delta-commit-plan.ts";
export type { DeltaCommitInput } from "./write/delta-commit-input.ts";
export { deltaRelation, emptyDeltaRelation } from "./read/delta-relation.ts";
export { findStoredFiles } from "./read/delta-stored-files.ts";
export { assertDeltaFiles, openDeltaScan } from "./read/delta-scan.ts";
export type { DeltaSnapshot } from "./log/action-reconciliation.ts";
export { planDeltaStaging } from "./write/delta-staging.ts";

/** One commit of a table's history. */
export interface DeltaHistoryEntry extends CommitInfo {
  readonly version: number;
}

/**
 * Opens a version of a table, the latest by default.
 * @throws MillraceError `SOURCE_MISSING` when there is no table, `VALUE_INVALID` for a version that is not there,
 * `DELTA_UNSUPPORTED`, `DELTA_CORRUPT`
 */
export async function openDeltaSnapshot(tablePath: string, options: ReadSnapshotOptions): Promise<DeltaSnapshot> {
  const snapshot = await readSnapshot(tablePath, options);
  if (snapshot !== undefined) return snapshot;
  throw new MillraceError("SOURCE_MISSING", `there is no Delta table at \`${tablePath}\``, {
    hint: "a Delta table is a folder with a `_delta_log` folder in it",
  });
}

/** The latest version, or `undefined` when there is no table yet. */
export async function findDeltaSnapshot(
  tablePath: string,
  options: ReadSnapshotOptions,
): Promise<DeltaSnapshot | undefined> {
  return await readSnapshot(tablePath, options);
}

/** The newest commits first, at most `limit`; commits whose file was cleaned up are not told. */
export async function deltaHistory(tablePath: string, limit = 100): Promise<DeltaHistoryEntry[]> {
  const { commits } = await listLog(tablePath);
  const entries: DeltaHistoryEntry[] = [];
  for (const version of commits.toReversed().slice(0, limit)) {
    entries.push({ version, ...(await readCommitInfo(tablePath, version)) });
  }
  return entries;
}

/** The version that a run committed after `fromVersion` (-1 for all), if it did. */
export async function findRunCommit(
  tablePath: string,
  runId: string,
  fromVersion: number,
): Promise<number | undefined> {
  const { commits } = await listLog(tablePath);
  for (const version of commits) {
    if (version <= fromVersion) continue;
    const info = await readCommitInfo(tablePath, version);
    if (info?.millrace?.runId === runId) return version;
  }
  return undefined;
}

/**
 * Deletes those of the files `names` that no commit after `baseVersion` names: what a crash left behind.
 * Both come from `onIntent`. Nothing is deleted while a commit in between cannot be read, and the run that
 * recorded the names must be known to be dead.
 * @returns the names that were deleted
 */
export async function removeUnreferenced(
  tablePath: string,
  names: readonly string[],
  baseVersion: number,
): Promise<string[]> {
  const { commits, checkpoints } = await listLog(tablePath);
  const latest = Math.max(commits.at(-1) ?? -1, checkpoints.at(-1)?.version ?? -1);
  const referenced = new Set<string>();
  for (let version = baseVersion + 1; version <= latest; version += 1) {
    const actions = await readCommit(tablePath, version);
    if (actions === undefined) return [];
    for (const { add } of actions) if (add) referenced.add(decodePath(add.path));
  }
  const unreferenced = names.filter((name) => isInside(name) && !referenced.has(name.split(sep).join("/")));
  return await tableFilesOf(tablePath).remove(unreferenced);
}

function isInside(name: string): boolean {
  const first = normalize(name).split(sep)[0];
  return !isAbsolute(name) && first !== ".." && first !== "_delta_log";
}

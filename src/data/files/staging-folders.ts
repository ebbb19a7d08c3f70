// The staging folder: `<run id>-<epoch>/<dataset>` while rows are on their way, `failed/<dataset>` for rows that failed their checks.
import { readdir, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseRunId, type RunId } from "../../core/run-id.ts";
import { errorCode, toTargetError } from "./file-system.ts";

/** Staging folder of one attempt of a run. */
export interface AttemptFolder {
  readonly path: string;
  readonly runId: RunId;
  readonly epoch: number;
}

/** Folder of one attempt; it is there only while the attempt has something in it. */
export function attemptFolder(staging: string, runId: RunId, epoch: number): string {
  return join(staging, `${runId}-${epoch}`);
}

/** Where the rows of a dataset whose checks failed are kept for a person, until it is published or fails again. */
export function failedFolder(staging: string, dataset: string): string {
  return join(staging, "failed", dataset);
}

/** Name of a folder of staged rows outside the staging folder, beside a table on another file system. */
export function outsideFolderName(publication: string): string {
  return `${outsidePrefix}${publication}`;
}

/** Tells whether a folder has such a name, so that nothing else is ever deleted in its place. */
export function isOutsideFolder(path: string): boolean {
  return basename(path).startsWith(outsidePrefix);
}

/** Readers and maintenance of Delta tables pass over names that begin with a dot. */
const outsidePrefix = ".millrace-staging.";

/** The attempts that have something in staging, in order of run and epoch. */
export async function listAttemptFolders(staging: string): Promise<AttemptFolder[]> {
  const folders = (await listEntries(staging)).flatMap((path) => {
    const [, runId, epoch] = /[\\/]([1-9]\d{0,15})-(\d{1,15})$/.exec(path) ?? [];
    return runId === undefined || epoch === undefined ? [] : [{ path, runId: parseRunId(runId), epoch: Number(epoch) }];
  });
  return folders.toSorted((a, b) => a.runId - b.runId || a.epoch - b.epoch);
}

/** Paths of what is in a folder, in order; nothing for a folder that is not there. */
export async function listEntries(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted().map((name) => join(folder, name));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw toTargetError(error, folder);
  }
}

/** Removes a folder if nothing is in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errorCode(error) ?? "")) throw toTargetError(error, folder);
  }
}

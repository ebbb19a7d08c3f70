// Deletes a Delta table and nothing else. Deliveries, targets and tables of other datasets may lie in its folder, so that
// only the table's log says which files are its own, and the log goes last: who is interrupted finds it again.
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EngineSession } from "../../../compute/engine.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import { removeIfEmpty } from "../../files/staging-folders.ts";
import { syncFolder } from "../../files/file-system.ts";
import { logFolder } from "../log/delta-log.ts";
import { isPartitionFolder } from "../schema/delta-partition.ts";
import { deleteBucketTable } from "./delta-bucket-deletion.ts";
import { listNamedFiles, type LogParts } from "./delta-named-files.ts";
import { isNamedByUs } from "./delta-placement.ts";

/** The log of a table whose deletion has begun; no reader takes the folder for a table any more. */
const deletedLog = ".millrace-deleted-log";

/**
 * Deletes the table in a folder: the files that its log names, those that a crashed attempt of ours left, the log, and the
 * folders of these files that are empty then. Doing it again finishes what was interrupted.
 */
export async function deleteDeltaTable(session: EngineSession, tablePath: string): Promise<void> {
  const place = parsePlace(tablePath);
  if (place !== undefined) return await deleteBucketTable(session, place);
  const log = join(tablePath, deletedLog);
  // an interrupted deletion first, then the table that was made since
  while (existsSync(log) || existsSync(logFolder(tablePath))) {
    if (!existsSync(log)) await rename(logFolder(tablePath), log);
    await syncFolder(tablePath);
    const files = await listNamedFiles(session, tablePath, await listParts(log));
    await deleteFiles(tablePath, "", files, new Set([...files].flatMap(foldersOf)));
    await rm(log, { recursive: true });
    await removeIfEmpty(tablePath);
  }
}

/** The log with whatever folders it has. */
async function listParts(log: string): Promise<LogParts> {
  const entries = await readdir(log, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return {
    paths: files.map(({ parentPath, name }) => join(parentPath, name)),
    readText: (path) => readFile(path, "utf8"),
  };
}

function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

/** Goes through a folder of the table, `""` for the table's own; folders that are tables themselves are not entered. */
async function deleteFiles(
  tablePath: string,
  folder: string,
  named: ReadonlySet<string>,
  namedFolders: ReadonlySet<string>,
): Promise<void> {
  for (const entry of await readdir(join(tablePath, folder), { withFileTypes: true })) {
    const place = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const path = join(tablePath, place);
    if (!entry.isDirectory()) {
      const isLeftover = isNamedByUs(entry.name) && (folder === "" || isOurs(folder));
      if (named.has(place) || isLeftover) await rm(path, { force: true });
    } else if (!isTable(path) && entry.name !== deletedLog && entry.name !== "_delta_log") {
      await deleteFiles(tablePath, place, named, namedFolders);
      if (namedFolders.has(place) || isOurs(place)) await removeIfEmpty(path);
    }
  }
}

/** Tells whether a folder is one that we make for a partition. */
function isOurs(folder: string): boolean {
  return folder.split("/").every(isPartitionFolder);
}

function isTable(path: string): boolean {
  return existsSync(logFolder(path)) || existsSync(join(path, deletedLog));
}

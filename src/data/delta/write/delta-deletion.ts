// Deletes a Delta table and nothing else. Deliveries, targets and tables of other datasets may lie in its folder, so that
// only the table's log says which files are its own, and the log goes last: who is interrupted finds it again.
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { removeIfEmpty } from "../../files/staging-folders.ts";
import { toAction } from "../log/delta-action-shape.ts";
import type { Action } from "../log/delta-actions.ts";
import { passingCodes, readCheckpointActions } from "../log/delta-checkpoint.ts";
import { syncFolder } from "../../files/file-system.ts";
import { logFolder } from "../log/delta-log.ts";
import { isPartitionFolder } from "../schema/delta-partition.ts";
import { toFilePath } from "../log/delta-path.ts";
import { vectorPath } from "../vectors/vector-path.ts";
import { isNamedByUs } from "./delta-placement.ts";

/** The log of a table whose deletion has begun; no reader takes the folder for a table any more. */
const deletedLog = ".millrace-deleted-log";

/**
 * Deletes the table in a folder: the files that its log names, those that a crashed attempt of ours left, the log, and the
 * folders of these files that are empty then. Doing it again finishes what was interrupted.
 */
export async function deleteDeltaTable(session: EngineSession, tablePath: string): Promise<void> {
  const log = join(tablePath, deletedLog);
  // an interrupted deletion first, then the table that was made since
  while (existsSync(log) || existsSync(logFolder(tablePath))) {
    if (!existsSync(log)) await rename(logFolder(tablePath), log);
    await syncFolder(tablePath);
    const files = await listNamedFiles(session, tablePath, log);
    await deleteFiles(tablePath, "", files, new Set([...files].flatMap(foldersOf)));
    await rm(log, { recursive: true });
    await removeIfEmpty(tablePath);
  }
}

/** Paths below the table of all files that any readable part of the log adds or removes. */
async function listNamedFiles(session: EngineSession, tablePath: string, log: string): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  for (const entry of await readdir(log, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    for (const { add, remove } of entry.isFile() ? await readActions(session, path) : []) {
      const named = add ?? remove;
      const vector = named?.deletionVector ? [vectorPath(named.deletionVector)] : [];
      for (const logPath of [named?.path, ...vector]) {
        const file = toPlace(tablePath, logPath ?? "");
        if (file !== undefined) files.add(file);
      }
    }
  }
  return files;
}

/** What can be read of a commit or a part of a checkpoint: a damaged table must be possible to delete. */
async function readActions(session: EngineSession, path: string): Promise<readonly Action[]> {
  if (path.endsWith(".json"))
    return (await readFile(path, "utf8")).split("\n").flatMap((line) => readAction(line, path));
  if (!path.endsWith(".parquet")) return [];
  try {
    return await readCheckpointActions(session, [path]);
  } catch (error) {
    if (error instanceof MillraceError && !passingCodes.has(error.code)) return [];
    throw error;
  }
}

function readAction(line: string, path: string): Action[] {
  try {
    return [toAction(JSON.parse(line), path)];
  } catch {
    return []; // a torn line, or an empty one
  }
}

/** Where a file of the log is in the table's folder, with `/`; a log may name files of other tables, which are theirs. */
function toPlace(tablePath: string, logPath: string): string | undefined {
  try {
    const place = relative(tablePath, toFilePath(tablePath, logPath));
    return place === "" || isAbsolute(place) || place.split(sep)[0] === ".." ? undefined : place.split(sep).join("/");
  } catch {
    return undefined; // in another store or outside of the table
  }
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

// Chooses where rows wait until they are published. A target that takes the staged files renames them, which cannot
// cross file systems, so rows for a table on another file system than the project are staged beside that table.
import { randomUUID } from "node:crypto";
import { rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, toTargetError } from "../files/file-system.ts";
import { outsideFolder } from "./outside-folder.ts";
import { parsePlace } from "../files/recorded-place.ts";
import type { PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import { outsideFolderName } from "../files/staging-folders.ts";
import type { Target } from "../target.ts";

export interface StagingPlaceInput {
  readonly scope: PublishScope;
  readonly dataset: string;
  readonly targets: readonly Target[];
  /** Staging folder of the publication in the project. */
  readonly folder: string;
  readonly journal: PublishJournal;
}

/**
 * The folder for rows and for what targets write until they publish: the publication's own, or one beside a table
 * elsewhere that takes the staged files, which is in the journal before it is there.
 */
export async function chooseStagingPlace(input: StagingPlaceInput): Promise<string> {
  const table = input.targets.find(({ filing }) => filing !== undefined)?.path;
  // files reach a table behind a connection by being copied
  if (table === undefined || parsePlace(table) !== undefined) return input.folder;
  return await choosePlaceBeside(table, input);
}

/** As `chooseStagingPlace`, for the one table at this path. */
export async function choosePlaceBeside(table: string, input: Omit<StagingPlaceInput, "targets">): Promise<string> {
  const { scope, dataset, folder, journal } = input;
  const name = outsideFolderName(`${scope.runKey}-${scope.run.epoch}.${dataset}`);
  for (const path of [folder, join(dirname(table), name), join(table, name)]) {
    if (!(await isSameFileSystem(dirname(path), table))) continue;
    if (path !== folder) await journal.intend({ format: outsideFolder, path });
    return path;
  }
  return folder;
}

/** Tells whether files can be renamed from one folder into the other; for a folder that is not there, the one above it decides. */
async function isSameFileSystem(from: string, to: string): Promise<boolean> {
  const [a, b] = [await nearestFolder(from), await nearestFolder(to)];
  if (a.device !== b.device) return false;
  try {
    // two mounts of one file system have one device number, but a rename between them is refused before it looks for the file
    await rename(join(a.path, `.millrace-${randomUUID()}`), join(b.path, `.millrace-${randomUUID()}`));
  } catch (error) {
    return errorCode(error) !== "EXDEV";
  }
  return true;
}

async function nearestFolder(path: string): Promise<{ readonly path: string; readonly device: number }> {
  try {
    return { path, device: (await stat(path)).dev };
  } catch (error) {
    if (errorCode(error) === "ENOENT" && dirname(path) !== path) return await nearestFolder(dirname(path));
    throw toTargetError(error, path);
  }
}

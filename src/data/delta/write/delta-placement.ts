// Moves staged files into the table folder under their final names. They are invisible there until a commit names them,
// and the caller hears the names first, so that a crash can be cleaned up.
import { randomUUID } from "node:crypto";
import { rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { WrittenFile } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type AddFile, ownTag, type RemoveFile } from "../log/delta-actions.ts";
import { errorCode, makeFolder, syncFolder } from "../../files/file-system.ts";
import { partitionFolders, toPartitionValues } from "../schema/delta-partition.ts";
import { toLogPath } from "../log/delta-path.ts";
import type { DeltaStruct } from "../schema/delta-schema.ts";
import { toDeltaStatistics } from "../schema/delta-statistics.ts";

/** A file on its way into the table. `name` is its place in the table folder, with the folders of its partition. */
export interface PlacedFile {
  readonly name: string;
  readonly written: WrittenFile;
}

/** Final names for staged files: `part-<uuid>` below the folders of their partition. */
export function nameFiles(staged: readonly WrittenFile[], partitionBy: readonly string[]): PlacedFile[] {
  return staged.map((written) => {
    const folders = partitionFolders(written.partition, partitionBy);
    return { name: join(...folders, `part-${randomUUID()}.zstd.parquet`), written };
  });
}

/** Tells whether a file has a name that `nameFiles` gives. */
export function isNamedByUs(fileName: string): boolean {
  return /^part-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.zstd\.parquet$/.test(fileName);
}

/** Renames the staged files to their names and flushes the folders. */
export async function placeFiles(tablePath: string, files: readonly PlacedFile[]): Promise<void> {
  const folders = new Set(files.map((file) => dirname(join(tablePath, file.name))));
  for (const folder of folders) await makeFolder(folder);
  await inBatches(files, (file) => move(file.written.path, join(tablePath, file.name)));
  await inBatches([...folders], syncFolder);
}

/** Moves placed files back to where they were staged; one that never left is fine. */
export async function returnFiles(tablePath: string, files: readonly PlacedFile[]): Promise<void> {
  await inBatches(files, async ({ name, written }) => {
    try {
      await rename(join(tablePath, name), written.path);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  });
}

/** Deletes files of the table folder. @returns the names of those that were there */
export async function deleteFiles(tablePath: string, names: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  await inBatches(names, async (name) => {
    if (await unlinkIfThere(join(tablePath, name))) removed.push(name);
  });
  return removed;
}

/** The actions that add the placed files to the table; `schema` is what the files hold, with the partition columns. */
export async function toAddFiles(
  tablePath: string,
  files: readonly PlacedFile[],
  schema: DeltaStruct,
  partitionBy: readonly string[],
): Promise<AddFile[]> {
  const adds: AddFile[] = [];
  await inBatches(files, async ({ name, written }) => {
    const { size, mtimeMs } = await stat(join(tablePath, name));
    adds.push({
      path: toLogPath(name),
      partitionValues: toPartitionValues(written.partition, schema, partitionBy),
      size,
      modificationTime: Math.floor(mtimeMs),
      dataChange: true,
      stats: toDeltaStatistics(written, schema, partitionBy),
      tags: { [ownTag]: "all" },
    });
  });
  return adds.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The action that takes a file out of the table, with the deletion vector that it has there. */
export function toTombstone(file: AddFile, now: number): RemoveFile {
  const { path, partitionValues, size, deletionVector, baseRowId, defaultRowCommitVersion } = file;
  return {
    path,
    deletionTimestamp: now,
    dataChange: true,
    extendedFileMetadata: true,
    partitionValues,
    size,
    ...(deletionVector ? { deletionVector } : {}),
    ...(typeof baseRowId === "number" ? { baseRowId } : {}),
    ...(typeof defaultRowCommitVersion === "number" ? { defaultRowCommitVersion } : {}),
  };
}

/** A file that is not in the log yet, as relations want it; see `toAddFiles` for those that are placed. */
export function asAddFile(file: WrittenFile, schema: DeltaStruct, partitionBy: readonly string[]): AddFile {
  return {
    path: toLogPath(file.path),
    partitionValues: toPartitionValues(file.partition, schema, partitionBy),
    size: file.bytes,
    modificationTime: 0,
    dataChange: true,
  };
}

const maxOpenFiles = 16;

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += maxOpenFiles) {
    await Promise.all(items.slice(start, start + maxOpenFiles).map(work));
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
    throw new MillraceError("TARGET_UNSUPPORTED", `staging and table are on two file systems: \`${basename(from)}\``, {
      cause: error,
      hint: `all folders of a table must be on one file system, got another one at: \`${dirname(to)}\``,
    });
  }
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}

// Names the files that enter a table, and says of them what the log does. They are invisible there until a commit names them, and
// the caller hears the names first, so that a crash can be cleaned up.
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { WrittenFile } from "../../../compute/engine.ts";
import { type AddFile, ownTag, type RemoveFile } from "../log/delta-actions.ts";
import { inParallel } from "../../in-parallel.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
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

/** The actions that add the placed files to the table; `schema` is what the files hold, with the partition columns. */
export async function toAddFiles(
  tablePath: string,
  files: readonly PlacedFile[],
  schema: DeltaStruct,
  partitionBy: readonly string[],
): Promise<AddFile[]> {
  const table = tableFilesOf(tablePath);
  const adds = await inParallel(files, maxOpenFiles, async (file): Promise<AddFile> => {
    const { name, written } = file;
    const { size, mtimeMs } = await stat(table.pathOf(file));
    return {
      path: toLogPath(name),
      partitionValues: toPartitionValues(written.partition, schema, partitionBy),
      size,
      modificationTime: Math.floor(mtimeMs),
      dataChange: true,
      stats: toDeltaStatistics(written, schema, partitionBy),
      tags: { [ownTag]: "all" },
    };
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

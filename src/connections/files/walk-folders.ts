// Finds files of a pattern in places that have folders. Only folders that can hold one are read.
import type { FileAccess, RemoteFile } from "./file-service.ts";
import { matchesName, type PathPattern } from "./path-pattern.ts";

/** What is in a folder: names without slashes. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly modifiedAtMs: number;
}

/** Gives nothing for a folder that is not there. */
export type ReadFolder = (path: string, access: FileAccess) => Promise<readonly FolderEntry[]>;

/** Files that a pattern with an absolute path names. */
export async function* walkFolders(
  read: ReadFolder,
  pattern: PathPattern,
  access: FileAccess,
): AsyncGenerator<RemoteFile> {
  for await (const file of walk(read, "", pattern.segments, access)) {
    if (pattern.matches(file.path)) yield file;
  }
}

/** The version of a file where the service keeps none. */
export function sizeAndTime({ size, modifiedAtMs }: Pick<RemoteFile, "size" | "modifiedAtMs">): string {
  return `${size}:${modifiedAtMs}`;
}

/** @param folder its path, without a slash at its end */
async function* walk(
  read: ReadFolder,
  folder: string,
  segments: readonly string[],
  access: FileAccess,
): AsyncGenerator<RemoteFile> {
  const [segment = "", ...below] = segments;
  const isLast = below.length === 0;
  if (segment === "**") {
    yield* walkAll(read, folder, access);
    return;
  }
  if (!isLast && !/[*?[]/.test(segment)) {
    yield* walk(read, `${folder}/${segment}`, below, access);
    return;
  }
  for (const entry of await read(folder === "" ? "/" : folder, access)) {
    if (!matchesName(segment, entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (isLast && !entry.isFolder) yield toFile(path, entry);
    if (!isLast && entry.isFolder) yield* walk(read, path, below, access);
  }
}

async function* walkAll(read: ReadFolder, folder: string, access: FileAccess): AsyncGenerator<RemoteFile> {
  for (const entry of await read(folder === "" ? "/" : folder, access)) {
    const path = `${folder}/${entry.name}`;
    if (!entry.isFolder) yield toFile(path, entry);
    else if (!entry.name.startsWith(".")) yield* walkAll(read, path, access);
  }
}

function toFile(path: string, entry: FolderEntry): RemoteFile {
  const { size, modifiedAtMs } = entry;
  return { path, size, modifiedAtMs, version: sizeAndTime(entry) };
}

// Where a table of files lies that a connection leads to, and the files that belong to it.
import { findFileService } from "../../../connections/files/find-file-service.ts";
import type { RemoteFile, FileService } from "../../../connections/files/file-service.ts";
import { parsePattern } from "../../../connections/files/path-pattern.ts";
import type { RemotePlace } from "../../files/recorded-place.ts";

/** The service of a place. @throws MillraceError `CONNECTION_UNKNOWN`, `CONFIG_INVALID` */
export async function serviceOf({ connection }: RemotePlace): Promise<FileService> {
  return await findFileService(connection);
}

/** The one file that a run adds to a folder. */
export function partPath(folder: string, runKey: string, ending: string): string {
  return `${folder.replace(/\/$/, "")}/part-${runKey}.${ending}`;
}

/** Data files of a place: the file itself, or those of runs in the folder, by path. */
export async function listData(service: FileService, path: string, ending: string): Promise<readonly RemoteFile[]> {
  const own = await service.find(path, {});
  if (own !== undefined) return [own];
  const folder = path.replace(/\/$/, "").replaceAll(/[*?[]/g, "[$&]");
  const parts = await Array.fromAsync(service.list(parsePattern(`${folder}/part-*.${ending}`), {}));
  return parts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

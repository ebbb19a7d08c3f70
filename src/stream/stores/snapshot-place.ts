// Where snapshots of stores are kept: a folder that all workers of this machine see, or a place behind a connection.
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { parsePattern } from "../../connections/files/path-pattern.ts";
import type { FileService } from "../../connections/files/file-service.ts";
import { findFileService } from "../../connections/files/find-file-service.ts";
import { findDataPlace } from "../../data/files/data-place.ts";
import { errorCode, makeFolder, syncFile, syncFolder } from "../../data/files/file-system.ts";

/** Files under names without a slash. Whoever reads sees a file whole or not at all. */
export interface SnapshotPlace {
  /** For people. */
  print(name: string): string;
  list(): Promise<readonly string[]>;
  /** Makes a local file the one of that name. */
  put(name: string, from: string): Promise<void>;
  /** Writes the bytes of a file to a new local one; false where there is none any more. */
  fetch(name: string, to: string): Promise<boolean>;
  /** One that is not there is no error. */
  remove(name: string): Promise<void>;
}

/**
 * The place of snapshots beside payloads.
 * @param payloads an absolute path, or `s3://bucket/prefix`
 * @throws MillraceError `CONNECTION_UNKNOWN` for a bucket without a connection · `VALUE_INVALID`
 */
export async function openSnapshotPlace(payloads: string): Promise<SnapshotPlace> {
  const place = findDataPlace({ path: payloads });
  if ("local" in place) return createFolderPlace(join(place.local, folderName));
  const { connection, path } = place.remote;
  const folder = path === "" ? folderName : `${path.replace(/\/+$/, "")}/${folderName}`;
  // The service is its lender's to close.
  return createServicePlace(await findFileService(connection), folder);
}

const folderName = "snapshots";

/** A folder of this machine, or of a disk that machines share. It is made with the first file. */
export function createFolderPlace(folder: string): SnapshotPlace {
  return {
    print: (name) => join(folder, name),
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return [];
        throw error;
      });
      return names.filter((name) => !name.startsWith("."));
    },
    async put(name, from) {
      await makeFolder(folder);
      const hidden = join(folder, `.${name}.${randomUUID()}`);
      try {
        await copyFile(from, hidden);
        await syncFile(hidden);
        await rename(hidden, join(folder, name));
      } finally {
        await rm(hidden, { force: true });
      }
      await syncFolder(folder);
    },
    async fetch(name, to) {
      const from = join(folder, name);
      if ((await stat(from).catch(() => undefined)) === undefined) return false;
      await copyFile(from, to);
      return true;
    },
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

/** A folder behind a connection, such as a prefix of a bucket. */
function createServicePlace(service: FileService, folder: string): SnapshotPlace {
  const path = (name: string): string => `${folder}/${name}`;
  return {
    print: (name) => service.place(path(name)),
    async list() {
      const names: string[] = [];
      for await (const file of service.list(parsePattern(path("*")), {}))
        names.push(file.path.slice(file.path.lastIndexOf("/") + 1));
      return names;
    },
    async put(name, from) {
      await service.upload(from, path(name), { owner: `snapshot-${randomUUID()}` });
    },
    async fetch(name, to) {
      const file = await service.find(path(name), {});
      if (file === undefined) return false;
      await service.download(file, to, {});
      return true;
    },
    remove: (name) => service.remove(path(name), {}),
  };
}

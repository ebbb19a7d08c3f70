// Payloads as files of a folder. A file has its name only when it is whole and flushed.
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode, makeFolder, replaceFile, toTargetError } from "../../data/files/file-system.ts";
import type { PayloadAccess } from "../../core/stream/stream-payloads.ts";
import { payloadPath, type PayloadStore } from "./payload-store.ts";

/** @param folder absolute; it is made when the first payload comes */
export function createFolderPayloadStore(folder: string): PayloadStore {
  const pathOf = (sha256: string): string => join(folder, payloadPath(sha256));
  return {
    place: folder,
    // on the same file system, so that a rename puts a payload in its place
    stagingFolder: join(folder, "staging"),
    keep: async (file, { sha256 }) => {
      const path = pathOf(sha256);
      try {
        await makeFolder(dirname(path));
        await replaceFile(file, path);
      } catch (error) {
        throw toTargetError(error, path);
      }
    },
    open: async (sha256, access) => await openFile(pathOf(sha256), access),
    remove: async (sha256) => {
      await rm(pathOf(sha256), { force: true });
    },
  };
}

async function openFile(path: string, { signal }: PayloadAccess): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    const handle = await open(path, "r");
    return createReadStream(path, {
      fd: handle,
      highWaterMark: chunkBytes,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw toTargetError(error, path);
  }
}

const chunkBytes = 1024 ** 2;

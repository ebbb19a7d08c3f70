// A folder of a file system that Spark and this machine see under the same path: nothing is copied.
import { access, constants, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDataAddress } from "../../../core/dataset/data-address.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SharedFolder } from "./shared-folder.ts";

/** @param root absolute */
export function createLocalFolder(root: string): SharedFolder {
  const pathOf = (name: string): string => join(root, name);
  return {
    pathOf,
    seenPath: (path) => (isDataAddress(path) ? undefined : path),
    open: async (isOurs, sinceMs) => await openFolder(root, isOurs, sinceMs),
    list: async (folder) => await readdir(pathOf(folder)).catch((): string[] => []),
    readText: async (name) => await readFile(pathOf(name), "utf8").catch(() => undefined),
    writeText: async (name, text) => {
      await mkdir(dirname(pathOf(name)), { recursive: true });
      await writeFile(pathOf(name), text, { flush: true });
    },
    put: async (name, write) => {
      await mkdir(dirname(pathOf(name)), { recursive: true });
      await write(pathOf(name));
    },
    fetch: (folder, names) => Promise.resolve(names.map((name) => join(root, folder, name))),
    remove: async (folder) => await rm(pathOf(folder), { recursive: true, force: true }),
  };
}

async function openFolder(root: string, isOurs: (name: string) => boolean, sinceMs: number): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    await access(root, constants.W_OK);
  } catch (cause) {
    throw new MillraceError("CONFIG_INVALID", `the folder for results of Spark cannot be made, got: \`${root}\``, {
      hint: "set `compute.folder` to one that this machine and Spark can both write",
      cause,
    });
  }
  for (const name of await readdir(root)) {
    const path = join(root, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: sinceMs }));
    if (isOurs(name) && mtimeMs < sinceMs) await rm(path, { recursive: true, force: true });
  }
}

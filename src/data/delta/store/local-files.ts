// The files of a table in a folder of this machine. They enter it by a rename, and a commit by a hard link, which the file system makes
// for one writer only.
import { randomUUID } from "node:crypto";
import { access, link, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { errorCode, makeFolder, replaceFile, syncFolder, writeDurable } from "../../files/file-system.ts";
import { inParallel } from "../../in-parallel.ts";
import { toFilePath } from "../log/delta-path.ts";
import type { AddedFile, PutIfAbsent, TableFiles } from "./table-files.ts";

/** @param tablePath absolute; the folder may not be there yet */
export function createLocalFiles(tablePath: string): TableFiles {
  const at = (name: string): string => join(tablePath, name);
  return {
    list: (folder) => listFolder(at(folder)),
    readText: (name) => readIfThere(at(name)),
    writtenAt: async (name) => (await stat(at(name))).mtimeMs,
    putIfAbsent: (name, text, put) => putIfAbsent(at(name), text, put),
    replace: (from, name) => replaceFile(from, at(name)),
    async add(files) {
      const folders = new Set(files.map((file) => dirname(at(file.name))));
      for (const folder of folders) await makeFolder(folder);
      await inParallel(files, maxOpenFiles, (file) => move(file.written.path, at(file.name)));
      await inParallel([...folders], maxOpenFiles, syncFolder);
    },
    async takeBack(files) {
      await inParallel(files, maxOpenFiles, ({ name, written }) => moveBack(at(name), written.path));
    },
    pathOf: ({ name }: AddedFile) => at(name),
    async remove(names) {
      const removed = await inParallel(names, maxOpenFiles, async (name) =>
        (await unlinkIfThere(at(name))) ? [name] : [],
      );
      return removed.flat();
    },
    async findMissing(logPaths) {
      const paths = logPaths.map((path) => toFilePath(tablePath, path));
      const isThere = await inParallel(paths, maxLookedFor, isAccessible);
      return paths.find((_, index) => isThere[index] === false);
    },
    open: () => Promise.resolve(tablePath),
  };
}

const maxOpenFiles = 16;
/** Files looked for at the same time. */
const maxLookedFor = 64;

async function listFolder(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw new MillraceError("TARGET_UNREADABLE", `listing \`${folder}\`: ${errorCode(error) ?? ""}`, { cause: error });
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new MillraceError("TARGET_UNREADABLE", `reading \`${path}\`: ${errorCode(error) ?? ""}`, { cause: error });
  });
}

/** The file is written and flushed in the staging folder and linked into place. */
async function putIfAbsent(path: string, text: string, { stagingDir, beforePut }: PutIfAbsent): Promise<boolean> {
  const folder = dirname(path);
  await makeFolder(folder);
  const draft = join(stagingDir, `commit-${randomUUID()}.json`);
  try {
    await writeDurable(draft, text);
    await beforePut();
    const won = await linkOnce(draft, path);
    if (won) await syncFolder(folder);
    return won;
  } finally {
    await unlink(draft).catch(() => undefined); // staging is removed as a whole later
  }
}

async function linkOnce(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    // a network file system may link and still report a failure: the link count knows
    if ((await stat(draft)).nlink === 2) return true;
    const code = errorCode(error);
    if (code === "EEXIST") return false;
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") {
      throw new MillraceError("TARGET_UNSUPPORTED", `the file system of \`${target}\` has no hard links`, {
        cause: error,
        hint: "a Delta table needs a file system that can refuse the second of two writers, e.g. ext4, xfs, apfs or ntfs",
      });
    }
    throw error;
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

async function moveBack(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
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

async function isAccessible(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

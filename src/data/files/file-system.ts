// Durable steps on the local file system: what has returned from here survives a power cut.
import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";

/** Flushes a folder, so that names made or removed in it last. Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and the missing ones above it, and flushes the parent of each new one. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let current = path; current.length >= first.length; current = dirname(current))
    await syncFolder(dirname(current));
}

/** Writes and flushes a new file. */
export async function writeDurable(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx", flush: true });
}

/** Flushes a file that something else wrote. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a flushed file in place of another in one step. */
export async function replaceFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** A file system failure as a MillraceError: a shortage of space or open files may pass, the rest is about the target. */
export function toTargetError(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const code = errorCode(error);
  if (code === undefined) return new MillraceError("INTERNAL", `writing \`${path}\` failed`, { cause: error });
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new MillraceError("DISK_FULL", `no space left while writing \`${path}\``, {
      cause: error,
      hint: "free some space and run again; nothing was published",
    });
  }
  if (code === "EMFILE" || code === "ENFILE") {
    return new MillraceError("OPEN_FILES_EXHAUSTED", `no more files may be opened while writing \`${path}\``, {
      cause: error,
      hint: "raise the limit of open files, e.g. with `ulimit -n`; nothing was published",
    });
  }
  const denied = code === "EACCES" || code === "EPERM" || code === "EROFS";
  return new MillraceError("TARGET_UNREADABLE", `reading or writing \`${path}\`: ${code}`, {
    cause: error,
    ...(denied ? { hint: "give the process the right to write there, then run again" } : {}),
  });
}

/** `ENOENT` and its like. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// Copies of whole remote files on this machine, shared by all processes of a project. A copy is of one version of its file, is never
// changed, and takes part in the bound until it is the one that was not read for longest.
import { createHash, randomUUID } from "node:crypto";
import { constants, copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess, FileService, RemoteFile } from "./file-service.ts";

/** Where copies are kept. */
export interface FileCacheOptions {
  /** Absolute; made when it is needed. */
  readonly folder: string;
  /** Bytes of all copies; positive. */
  readonly maxBytes: number;
}

/** A bounded folder of copies. Nothing is in memory, so that any number of processes may use it. */
export class FileCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** What the folder had when somebody looked, and what was put there since. */
  #seen: { used: number; readonly atMs: number } | undefined;

  constructor({ folder, maxBytes }: FileCacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /**
   * Puts a file at a local path, where it stays readable whatever becomes of the cache. A file that is there is left.
   * @throws MillraceError `CACHE_FULL`, and as `FileService.download`
   */
  async bring(service: FileService, file: RemoteFile, to: string, access: FileAccess): Promise<void> {
    const copy = this.#pathOf(service, file);
    // whoever makes room may take the copy away right after it was made
    for (let tries = 1; !(await linkCopy(copy, to)); tries += 1) {
      if (tries > maxTries) throw this.#full(file.size);
      await this.#download(service, file, copy, access);
    }
    await utimes(copy, new Date(), new Date()).catch(() => undefined); // it may be gone again
  }

  /** Keeps a file of this machine that was just uploaded, so that nobody downloads it. It must not change any more. */
  async keep(service: FileService, file: RemoteFile, from: string): Promise<void> {
    const copy = this.#pathOf(service, file);
    // a copy is no more than a saving
    if (!(await this.#makeRoom(file.size).then(isDone, () => false))) return;
    await mkdir(dirname(copy), { recursive: true });
    await linkCopy(from, copy);
  }

  #pathOf(service: FileService, { path, size, version }: RemoteFile): string {
    const name = createHash("sha256")
      .update(JSON.stringify([service.place(path), version, size]))
      .digest("hex");
    return join(this.#folder, name.slice(0, 2), name);
  }

  async #download(service: FileService, file: RemoteFile, copy: string, access: FileAccess): Promise<void> {
    await this.#makeRoom(file.size);
    await mkdir(dirname(copy), { recursive: true });
    const part = `${copy}.${randomUUID()}${partEnding}`;
    try {
      await service.download(file, part, access);
      await rename(part, copy);
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Removes copies until there is room, those first that were not read for longest. One that somebody reads frees nothing. */
  async #makeRoom(bytes: number): Promise<void> {
    const known = this.#seen;
    if (known !== undefined && Date.now() - known.atMs < seenForMs && known.used + bytes <= this.#maxBytes) {
      known.used += bytes;
      return;
    }
    this.#seen = { used: (await this.#removeOldest(bytes)) + bytes, atMs: Date.now() };
  }

  /** @returns bytes of what stays @throws MillraceError `CACHE_FULL` */
  async #removeOldest(bytes: number): Promise<number> {
    const copies = await this.#listCopies();
    let used = copies.reduce((sum, { size }) => sum + size, 0);
    for (const copy of copies.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (used + bytes <= this.#maxBytes) break;
      if (copy.isHeld) continue;
      await rm(copy.path, { force: true });
      used -= copy.size;
    }
    if (used + bytes > this.#maxBytes) throw this.#full(bytes);
    return used;
  }

  async #listCopies(): Promise<readonly Copy[]> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile());
    const found = await Promise.all(files.map(({ parentPath, name }) => lookAtCopy(join(parentPath, name))));
    return found.filter((copy) => copy !== undefined);
  }

  #full(bytes: number): MillraceError {
    const message = `the cache \`${this.#folder}\` has no room for ${bytes} bytes: it may have ${this.#maxBytes}, and what is in it is being read`;
    return new MillraceError("CACHE_FULL", message, {
      hint: "raise `lakeCache` of the configuration, or read fewer files at once, by a condition on a column that splits the table",
    });
  }
}

interface Copy {
  readonly path: string;
  readonly size: number;
  readonly usedAtMs: number;
  /** Whether somebody has it under another name, too. */
  readonly isHeld: boolean;
}

const maxTries = 5;
/** Other processes put copies there, too. */
const seenForMs = 10_000;
const isDone = (): boolean => true;
const partEnding = ".part";
/** After this nobody goes on with what was begun. */
const abandonedMs = 24 * 60 * 60 * 1000;

async function lookAtCopy(path: string): Promise<Copy | undefined> {
  const found = await stat(path).catch(() => undefined); // another process makes room, too
  if (found === undefined) return undefined;
  const { size, mtimeMs: usedAtMs, nlink } = found;
  const isUnderWay = path.endsWith(partEnding) && Date.now() - usedAtMs < abandonedMs;
  return { path, size, usedAtMs, isHeld: nlink > 1 || isUnderWay };
}

/** @returns whether it was there */
async function linkCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return true;
    if (code === "ENOENT") return false;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "ENOTSUP" && code !== "EMLINK") throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  }
}

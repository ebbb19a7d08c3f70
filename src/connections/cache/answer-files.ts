// Sealed answers as files of one connection, shared by all processes of the machine: each is written beside its place and renamed,
// so that nobody reads half of one. When there are too many bytes the oldest go.
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretSeal } from "../auth/seal.ts";
import type { CachedAnswer } from "./cached-answer.ts";

export interface AnswerFilesOptions {
  /** Of the connection. */
  readonly name: string;
  /** Readable by its owner alone. */
  readonly folder: string;
  readonly seal: SecretSeal;
  readonly maxBytes: number;
}

/** The folder is looked through again after so many writes: others write there, too. */
const writesBetweenLooks = 50;
const ending = ".sealed";

export class AnswerFiles {
  readonly #options: AnswerFilesOptions;
  #writes = 0;
  #bytes = Infinity;

  constructor(options: AnswerFilesOptions) {
    this.#options = options;
  }

  /** `undefined` also for one that cannot be opened, such as with another key. */
  async read(key: string): Promise<CachedAnswer | undefined> {
    const { folder, seal } = this.#options;
    try {
      const sealed = await readFile(join(folder, key + ending), "utf8");
      // The seal holds what `write` put in, or it does not open.
      return JSON.parse(seal.open(sealed, this.#purpose(key))) as CachedAnswer;
    } catch (error) {
      if (isMissing(error) || isUnreadable(error)) return undefined;
      throw error;
    }
  }

  async write(key: string, answer: CachedAnswer): Promise<void> {
    const { folder, seal } = this.#options;
    const sealed = seal.seal(JSON.stringify(answer), this.#purpose(key));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.${key}.${randomUUID()}`);
    try {
      await writeFile(temporary, sealed, { mode: 0o600, flag: "wx" });
      await rename(temporary, join(folder, key + ending));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#writes += 1;
    this.#bytes += sealed.length;
    if (this.#bytes > this.#options.maxBytes || this.#writes % writesBetweenLooks === 0) await this.#shrink();
  }

  /** Forgets all. */
  async clear(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true });
    this.#bytes = 0;
  }

  // The oldest go first, down to nine tenths, so that not every write has to look.
  async #shrink(): Promise<void> {
    const { maxBytes } = this.#options;
    const files = (await this.#list()).toSorted((a, b) => b.writtenAtMs - a.writtenAtMs);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const room = total > maxBytes ? maxBytes * 0.9 : maxBytes;
    let kept = 0;
    for (const { path, bytes } of files) {
      if (kept + bytes <= room) kept += bytes;
      else await rm(path, { force: true });
    }
    this.#bytes = kept;
  }

  async #list(): Promise<{ readonly path: string; readonly bytes: number; readonly writtenAtMs: number }[]> {
    const { folder } = this.#options;
    const names = await readdir(folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        // Another process may have removed it meanwhile.
        const about = await stat(path).catch(() => undefined);
        return about === undefined ? [] : [{ path, bytes: about.size, writtenAtMs: about.mtimeMs }];
      }),
    );
    return found.flat();
  }

  #purpose(key: string): string {
    return `cache:${this.#options.name}:${key}`;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function isUnreadable(error: unknown): boolean {
  return error instanceof MillraceError && error.code === "SECRET_UNREADABLE";
}

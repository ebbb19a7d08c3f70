// A file that one attempt of a task writes: it has its name only when all of it is there, so that nobody reads half of one.
import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { MillraceError } from "../../core/errors/errors.ts";

const chunkBytes = 1 << 20;

/** Where bytes are put: the caller asks for room, then writes from `at` on and moves it. */
export interface ByteSink {
  bytes: Uint8Array<ArrayBufferLike>;
  at: number;
  /** Bytes that are behind `at` afterwards; `bytes` may be another array then. */
  room(bytes: number): void;
}

/** Written from its start to its end. Disposing it closes what was not committed. */
export class AttemptFile implements ByteSink, Disposable {
  bytes: Uint8Array<ArrayBufferLike> = new Uint8Array(chunkBytes);
  at = 0;
  readonly #path: string;
  readonly #handle: number;
  #isOpen = true;
  #flushed = 0;

  /** @throws MillraceError `DISK_FULL` */
  constructor(path: string) {
    this.#path = path;
    this.#handle = onDisk(path, () => openSync(`${path}.partial`, "w"));
  }

  /** Bytes that were written so far. */
  get size(): number {
    return this.#flushed + this.at;
  }

  room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    this.#flush();
    if (bytes > this.bytes.length) this.bytes = new Uint8Array(bytes);
  }

  /** Gives the file its name. @throws MillraceError `DISK_FULL` */
  commit(): void {
    this.#flush();
    this[Symbol.dispose]();
    onDisk(this.#path, () => renameSync(`${this.#path}.partial`, this.#path));
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#handle);
  }

  #flush(): void {
    onDisk(this.#path, () => {
      for (let from = 0; from < this.at;) from += writeSync(this.#handle, this.bytes, from, this.at - from);
    });
    this.#flushed += this.at;
    this.at = 0;
  }
}

/** What went wrong with a file of the engine's own. */
function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (!noSpace.has(code)) throw cause;
    throw new MillraceError("DISK_FULL", `no space left for \`${path}\``, {
      hint: "free some space, raise `memory` of the job, or put the project's staging folder on a larger disk",
      cause,
    });
  }
}

const noSpace: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

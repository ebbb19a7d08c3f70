// Lines of pages on disk until they are staged. What a page has written can be taken back, since a page that fails is read again.
import { closeSync, ftruncateSync, mkdirSync, openSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RowSink } from "./row-runs.ts";

/** Written with calls that wait, which cost a fraction of what streams do; a buffer keeps them few. */
export class PageSpool implements RowSink, Disposable {
  readonly files: string[] = [];
  readonly #folder: string;
  readonly #buffer = new Uint8Array(1024 * 1024);
  #used = 0;
  #opened = 0;
  #descriptor: number | undefined;
  #size = 0;
  #mark = 0;
  #prefix = "";

  /** @param folder is made with the first line */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What came so far stays. The next page begins a new file when this one is large enough to be read by several threads. */
  keepPage(): void {
    this.#flush();
    if (this.#size >= maxFileBytes) this.#close();
    this.#mark = this.#size;
  }

  /** What comes from now on is in files whose names begin with `prefix`. To be called between two pages. */
  beginFile(prefix: string): void {
    this.#close();
    this.#mark = 0;
    this.#prefix = prefix;
  }

  write(bytes: Uint8Array): void {
    if (this.#used + bytes.length > this.#buffer.length) this.#flush();
    if (bytes.length > this.#buffer.length) {
      this.#writeAll(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Takes back what came since the last page that was kept. */
  discardPage(): void {
    this.#used = 0;
    if (this.#size === this.#mark || this.#descriptor === undefined) return;
    this.#size = this.#mark;
    ftruncateSync(this.#descriptor, this.#mark);
  }

  /** A place between two pages, to come back to with `discardTo`. */
  get place(): SpoolPlace {
    return this.#descriptor === undefined
      ? { file: this.files.length, size: 0 }
      : { file: this.files.length - 1, size: this.#mark };
  }

  /** Takes back all pages since `place`. */
  discardTo({ file, size }: SpoolPlace): void {
    this.discardPage();
    for (const later of this.files.splice(file + 1)) truncateSync(later);
    if (this.files[file] !== undefined) truncateSync(this.files[file], size);
    if (this.files[file] === undefined || size === 0) this.files.splice(file);
    this.#close();
    this.#mark = 0;
  }

  /** Writes what is left. */
  end(): void {
    this.#flush();
    this.#close();
  }

  [Symbol.dispose](): void {
    this.#used = 0;
    this.#close();
  }

  #open(): void {
    this.#close();
    if (this.#opened === 0) mkdirSync(this.#folder, { recursive: true });
    this.#opened += 1;
    const file = join(this.#folder, `${this.#prefix}rows-${String(this.#opened).padStart(5, "0")}.ndjson`);
    this.#descriptor = openSync(file, "wx");
    this.files.push(file);
    [this.#size, this.#mark] = [0, 0];
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #flush(): void {
    const rest = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (rest.length > 0) this.#writeAll(rest);
  }

  #writeAll(bytes: Uint8Array): void {
    if (this.#descriptor === undefined) this.#open();
    for (let at = 0; at < bytes.length && this.#descriptor !== undefined;) {
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#size + at);
    }
    this.#size += bytes.length;
  }
}

export interface SpoolPlace {
  /** From 0. */
  readonly file: number;
  readonly size: number;
}

const maxFileBytes = 128 * 1024 ** 2;

// Lines of pages on disk until they are staged. What a page has written can be taken back, since a page that fails is read again.
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RowSink } from "./row-runs.ts";

/** Written with calls that wait, which cost a fraction of what streams do; a buffer keeps them few. */
export class PageSpool implements RowSink, Disposable {
  readonly files: string[] = [];
  readonly #folder: string;
  readonly #fileBytes: FileBytes;
  readonly #buffer = new Uint8Array(1024 * 1024);
  #used = 0;
  #opened = 0;
  #descriptor: number | undefined;
  /** Bytes of the open file. */
  #size = 0;
  #mark: SpoolPlace = { file: 0, size: 0 };
  #prefix = "";

  /** @param folder is made with the first line */
  constructor(folder: string, fileBytes: FileBytes = defaultFileBytes) {
    this.#folder = folder;
    this.#fileBytes = fileBytes;
  }

  /** What came so far stays. */
  keepPage(): void {
    this.#flush();
    this.#mark = this.#here;
  }

  /** What comes from now on is in files whose names begin with `prefix`. To be called between two pages. */
  beginFile(prefix: string): void {
    this.#close();
    this.#mark = this.#here;
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

  /** Also of a large page, whose next line may be in another file. */
  endLine(): void {
    this.write(lineEnd);
    if (this.#size + this.#used < this.#enough) return;
    this.#flush();
    this.#close();
  }

  /** Takes back what came since the last page that was kept. */
  discardPage(): void {
    this.#used = 0;
    this.#cutTo(this.#mark);
  }

  /** A place between two pages, to come back to with `discardTo`. */
  get place(): SpoolPlace {
    return this.#mark;
  }

  /** Takes back all pages since `place`. */
  discardTo(place: SpoolPlace): void {
    this.#used = 0;
    this.#cutTo(place);
    this.#close();
    this.#mark = this.#here;
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

  /** Behind what was written. */
  get #here(): SpoolPlace {
    return this.#descriptor === undefined
      ? { file: this.files.length, size: 0 }
      : { file: this.files.length - 1, size: this.#size };
  }

  /** How large the open file becomes. */
  get #enough(): number {
    const { least, most } = this.#fileBytes;
    return Math.min(most, least * (1 + Math.floor(this.files.length / filesOfSize)));
  }

  #cutTo({ file, size }: SpoolPlace): void {
    const isOpen = this.#descriptor !== undefined && file === this.files.length - 1;
    if (isOpen && size > 0) {
      ftruncateSync(this.#descriptor ?? 0, size);
      this.#size = size;
      return;
    }
    this.#close();
    for (const later of this.files.splice(size === 0 ? file : file + 1)) rmSync(later);
    if (size > 0 && this.files[file] !== undefined) truncateSync(this.files[file], size);
  }

  #open(): void {
    if (this.#opened === 0) mkdirSync(this.#folder, { recursive: true });
    this.#opened += 1;
    const file = join(this.#folder, `${this.#prefix}rows-${String(this.#opened).padStart(5, "0")}.ndjson`);
    this.#descriptor = openSync(file, "wx");
    this.files.push(file);
    this.#size = 0;
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#size = 0;
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
  /** 0 stands for a file that is not there yet. */
  readonly size: number;
}

/** How large a file becomes before the next one begins. */
export interface FileBytes {
  readonly least: number;
  readonly most: number;
}

/**
 * The engine keeps rows in their order although several threads read them: each file is read by one thread, and what is ahead of the
 * slowest waits in memory. With files of 128 MB that was the whole table; with these it is some ten megabytes whatever comes. They grow
 * while they become many, since the time that the engine takes for a list of files grows with its square: 50,000 take 90 seconds.
 */
const defaultFileBytes: FileBytes = { least: 2 * 1024 ** 2, most: 16 * 1024 ** 2 };
/** After so many files the next are larger. */
const filesOfSize = 500;
const lineEnd = new Uint8Array([0x0a]);

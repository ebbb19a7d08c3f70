// Reads one part of a run, entry by entry. A file is read through a window, so that a run may be larger than memory.
import { closeSync, openSync, readSync } from "node:fs";
import { MillraceError } from "../../../core/errors/errors.ts";
import { compareBytes } from "./sort-entries.ts";
import { headBytes, type Run, type ValueForm } from "./run.ts";

/** Of hundreds of runs that are merged at once. */
const windowBytes = 1 << 16;

/** Stands on one entry at a time; what it shows is valid until `next`. */
export class RunCursor implements Disposable {
  bytes: Uint8Array<ArrayBufferLike>;
  hash = 0;
  keyStart = 0;
  keyEnd = 0;
  /** The number of the entry, where values are numbers. */
  number = 0;
  /** The place among the runs: of equal keys, that of an earlier run is first. */
  readonly order: number;
  readonly #form: ValueForm;
  readonly #head: number;
  #view: DataView;
  #file: number | undefined;
  readonly #path: string | undefined;
  /** Where the next entry is in `bytes`, and where they end. */
  #at: number;
  #end: number;
  /** What of the file is not in the window yet. */
  #from = 0;
  #left = 0;

  constructor(
    run: Run,
    { part, order, form }: { readonly part: number; readonly order: number; readonly form: ValueForm },
  ) {
    this.order = order;
    this.#form = form;
    this.#head = headBytes[form];
    const start = run.offsets[part] ?? 0;
    const end = run.offsets[part + 1] ?? start;
    if (typeof run.place === "string") {
      this.#path = run.place;
      this.bytes = new Uint8Array(Math.min(windowBytes, end - start));
      this.#at = 0;
      this.#end = 0;
      this.#from = start;
      this.#left = end - start;
    } else {
      this.bytes = new Uint8Array(run.place);
      this.#at = start;
      this.#end = end;
    }
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Moves to the next entry. False when there is none. */
  next(): boolean {
    const head = this.#head;
    if (this.#end - this.#at < head && !this.#fill(head)) return false;
    const length = this.#view.getInt32(this.#at + 4, true);
    const rest = this.#form === "json" ? this.#view.getInt32(this.#at + 8, true) : 0;
    const needed = head + length + rest;
    if (this.#end - this.#at < needed) this.#fill(needed);
    const at = this.#at;
    this.hash = this.#view.getInt32(at, true) >>> 0;
    this.keyStart = at + head;
    this.keyEnd = at + head + length;
    if (this.#form === "number") this.number = this.#view.getFloat64(at + 8, true);
    this.#at = at + needed;
    return true;
  }

  /** What the entry has, whatever its form. */
  value(): unknown {
    if (this.#form === "number") return this.number;
    return JSON.parse(textOf(this.bytes, this.keyEnd, this.#at));
  }

  /** Where the entry ends in `bytes`; it begins with its head, in front of the key. */
  get end(): number {
    return this.#at;
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#left = 0;
  }

  /** Has `needed` bytes in the window, behind those that are there. False at the end. */
  #fill(needed: number): boolean {
    const path = this.#path;
    if (path === undefined || this.#left === 0) return false;
    this.#file ??= openSync(path, "r");
    const kept = this.#end - this.#at;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, windowBytes));
      grown.set(this.bytes.subarray(this.#at, this.#end));
      this.bytes = grown;
      this.#view = new DataView(grown.buffer);
    } else {
      this.bytes.copyWithin(0, this.#at, this.#end);
    }
    this.#at = 0;
    this.#end = kept;
    while (this.#end < needed || (this.#left > 0 && this.#end < this.bytes.length)) {
      const wanted = Math.min(this.#left, this.bytes.length - this.#end);
      const read = readSync(this.#file, this.bytes, this.#end, wanted, this.#from);
      if (read === 0) throw cutShort(path);
      this.#end += read;
      this.#from += read;
      this.#left -= read;
    }
    return true;
  }
}

/** The order of entries of several runs. */
export function compareCursors(a: RunCursor, b: RunCursor): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  return compareBytes(a.bytes, a.keyStart, a.keyEnd, b.bytes, b.keyStart, b.keyEnd) || a.order - b.order;
}

/** Bytes as UTF-8. */
export function textOf(bytes: Uint8Array<ArrayBufferLike>, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

function cutShort(path: string): MillraceError {
  return new MillraceError("INTERNAL", `a run of the shuffle ends too early: \`${path}\``);
}

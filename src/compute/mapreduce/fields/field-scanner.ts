// Brings the bytes of a split to the kernel, and what it leaves to whoever knows better. Lines are those that `LineScanner` finds.
import { maxKeyBytes } from "../../../core/mapreduce/map-reduce.ts";
import { hasMark } from "../read-header.ts";
import type { ByteScanner } from "../split-reader.ts";
import type { FieldKernel } from "./field-kernel.ts";

const newline = 10;

/** Told of what the kernel does not do; `at` is where a line starts in the unpacked file. */
export interface FieldSink {
  /** A line that is not plain, in `input` of the kernel. */
  left(start: number, end: number, at: number): void;
  /** The table has no room for a key of some bytes; there has to be some afterwards. */
  full(keyBytes: number): void;
  /** A line of more bytes than there may be; it is left out. */
  tooLong(at: number): void;
}

export class FieldScanner implements ByteScanner {
  isDone = false;
  readonly #kernel: FieldKernel;
  readonly #isHeaded: boolean;
  readonly #maxLineBytes: number;
  readonly #sink: FieldSink;
  /** Where the line starts that is not complete, and where what was read ends. */
  #start = 0;
  #filled = 0;
  /** Of the first byte of the input in the file. */
  #base = 0;
  #end = 0;
  #isSkipping = false;

  /** @param isHeaded whether the first line of a file is no record */
  constructor(kernel: FieldKernel, isHeaded: boolean, maxLineBytes: number, sink: FieldSink) {
    this.#kernel = kernel;
    this.#isHeaded = isHeaded;
    this.#maxLineBytes = maxLineBytes;
    this.#sink = sink;
  }

  begin(at: number, isSkipping: boolean, end: number): void {
    this.#base = at;
    this.#end = end;
    this.#isSkipping = isSkipping || (this.#isHeaded && at === 0);
    this.isDone = end <= at;
  }

  free(): Uint8Array {
    if (this.#start > 0) {
      this.#kernel.input.copyWithin(0, this.#start, this.#filled);
      this.#base += this.#start;
      this.#filled -= this.#start;
      this.#start = 0;
    }
    const { inputBytes } = this.#kernel;
    if (this.#filled === inputBytes) this.#kernel.growInput(this.#maxLineBytes + inputBytes);
    return this.#kernel.input.subarray(this.#filled, this.#kernel.inputBytes);
  }

  scan(read: number): void {
    this.#filled += read;
    const { input } = this.#kernel;
    if (this.#base + this.#start === 0 && !this.#isSkipping && hasMark(input, 0, this.#filled)) this.#start = 3;
    if (this.#isSkipping && !this.#skip()) return;
    this.#count();
    if (this.isDone || this.#filled - this.#start <= this.#maxLineBytes) return;
    this.#isSkipping = true;
    this.#sink.tooLong(this.#base + this.#start);
    this.#start = this.#filled;
  }

  finish(): void {
    if (this.isDone || this.#isSkipping || this.#filled === this.#start) return;
    this.#kernel.input[this.#filled] = newline;
    this.#filled += 1;
    this.#count();
  }

  /** Goes behind the end of a line. False when it is not there yet. */
  #skip(): boolean {
    const found = this.#kernel.input.subarray(0, this.#filled).indexOf(newline, this.#start);
    this.#isSkipping = found < 0;
    this.#start = found < 0 ? this.#filled : found + 1;
    return found >= 0;
  }

  #count(): void {
    const kernel = this.#kernel;
    for (;;) {
      const stop = kernel.scan(this.#start, this.#filled, this.#end - this.#base);
      this.#start = kernel.at;
      if (stop === "more") return;
      if (stop === "done") {
        this.isDone = true;
        return;
      }
      if (stop === "full") {
        this.#sink.full(Math.min(maxKeyBytes, kernel.input.indexOf(newline, this.#start) - this.#start));
      } else {
        const { start, end } = kernel.left;
        this.#sink.left(start, end, this.#base + start);
      }
    }
  }
}

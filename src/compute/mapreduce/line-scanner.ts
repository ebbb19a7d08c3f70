// Finds the lines of a range of a file, in one buffer that is used again and again. A line may lie across two fillings of it, and grows
// it up to a limit.
import type { Split } from "./plan-splits.ts";
import { type ByteScanner, readSplit } from "./split-reader.ts";

/** It stays in the processor's second cache. */
const bufferBytes = 1 << 18;
const newline = 10;
const carriageReturn = 13;

/** Told of each line, without its end; `at` is where the line starts in the unpacked file. */
export interface LineSink {
  line(bytes: Uint8Array, start: number, end: number, at: number): void;
  /** A line of more bytes than there may be; it is left out. */
  tooLong(at: number): void;
  /** Called between fillings of the buffer. */
  pause(): Promise<void> | undefined;
}

/** Reads all lines that start in a split. @throws MillraceError `SOURCE_UNREADABLE` */
export async function scanLines(split: Split, maxLineBytes: number, sink: LineSink): Promise<void> {
  await readSplit(split, new LineScanner(maxLineBytes, sink), () => sink.pause());
}

class LineScanner implements ByteScanner {
  /** Whether no more lines belong to the split. */
  isDone = false;
  #bytes = new Uint8Array(bufferBytes);
  /** Where the line starts that is not complete, and where what was read ends. */
  #start = 0;
  #filled = 0;
  /** Of the first byte of the buffer in the file. */
  #base = 0;
  #end = 0;
  /** Whether what comes up to the next end of a line is left out: it belongs to the split before, or is too long. */
  #isSkipping = false;
  readonly #maxLineBytes: number;
  readonly #sink: LineSink;

  constructor(maxLineBytes: number, sink: LineSink) {
    this.#maxLineBytes = maxLineBytes;
    this.#sink = sink;
  }

  begin(at: number, isSkipping: boolean, end: number): void {
    this.#base = at;
    this.#end = end;
    this.#isSkipping = isSkipping;
    this.isDone = end <= at;
  }

  /** Room for what is read next. */
  free(): Uint8Array {
    if (this.#start > 0) {
      this.#bytes.copyWithin(0, this.#start, this.#filled);
      this.#base += this.#start;
      this.#filled -= this.#start;
      this.#start = 0;
    }
    if (this.#filled === this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#bytes.length * 2, this.#maxLineBytes + bufferBytes));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#bytes.subarray(this.#filled);
  }

  /** Looks at `read` more bytes. */
  scan(read: number): void {
    const bytes = this.#bytes;
    const filled = this.#filled + read;
    // The search of the engine: a loop over the bytes, with what is done for a line in it, takes three times as long.
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, filled);
    let at = view.indexOf(newline, this.#filled);
    let start = this.#start;
    const last = this.#end - this.#base;
    for (; at >= 0; at = view.indexOf(newline, start)) {
      if (this.#isSkipping) this.#isSkipping = false;
      else this.#tell(start, at);
      start = at + 1;
      if (start >= last) {
        this.isDone = true;
        break;
      }
    }
    this.#filled = filled;
    this.#start = start;
    if (this.isDone) return;
    if (filled - start > this.#maxLineBytes && !this.#isSkipping) {
      this.#isSkipping = true;
      this.#sink.tooLong(this.#base + start);
    }
    if (this.#isSkipping) this.#start = filled;
  }

  /** The last line may have no end. */
  finish(): void {
    if (!this.isDone && !this.#isSkipping && this.#filled > this.#start) this.#tell(this.#start, this.#filled);
  }

  #tell(start: number, end: number): void {
    const bytes = this.#bytes;
    const isCrlf = end > start && bytes[end - 1] === carriageReturn;
    const last = isCrlf ? end - 1 : end;
    if (last - start > this.#maxLineBytes) this.#sink.tooLong(this.#base + start);
    else this.#sink.line(bytes, start, last, this.#base + start);
  }
}

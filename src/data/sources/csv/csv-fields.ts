// Hands the fields of one file to those who want to know their values, also where a field is cut by the end of a chunk.
import type { CsvProfiler } from "./csv-profiler.ts";

/** Takes the fields of the rows that a scanner finds, in their order. */
export class CsvFields {
  /** By place in the row; `undefined` where nothing can be learned any more. */
  readonly #profilers: (CsvProfiler | undefined)[];
  readonly #quote: number;
  /** The bytes of a field whose end was not seen yet. */
  #kept: Uint8Array | undefined;

  /** @param quote empty for none */
  constructor(profilers: readonly (CsvProfiler | undefined)[], quote: string) {
    this.#profilers = [...profilers];
    this.#quote = quote === "" ? -1 : quote.charCodeAt(0);
  }

  /** Takes a field with its quotes. @param from negative where the field began in an earlier chunk */
  take(column: number, chunk: Uint8Array, from: number, to: number): void {
    const profiler = this.#profilers[column];
    if (profiler === undefined) return;
    if (from < 0) this.#takeCut(column, profiler, chunk.subarray(0, to));
    else this.#takeWhole(column, profiler, chunk, from, to);
  }

  /** Keeps what a chunk has of a field that goes on in the next one. */
  keep(column: number, chunk: Uint8Array, from: number): void {
    const profiler = this.#profilers[column];
    if (profiler === undefined) return;
    const kept = joinBytes(from < 0 ? this.#kept : undefined, chunk.subarray(Math.max(0, from)));
    const isLong = kept.length > longestValueBytes;
    this.#kept = isLong ? undefined : kept;
    if (isLong) this.#close(column, profiler.refute());
  }

  #takeCut(column: number, profiler: CsvProfiler, rest: Uint8Array): void {
    const whole = joinBytes(this.#kept, rest);
    this.#kept = undefined;
    this.#takeWhole(column, profiler, whole, 0, whole.length);
  }

  #takeWhole(column: number, profiler: CsvProfiler, bytes: Uint8Array, from: number, to: number): void {
    const isQuoted = from < to && bytes[from] === this.#quote;
    this.#close(column, isQuoted ? profiler.take(bytes, from + 1, to - 1) : profiler.take(bytes, from, to));
  }

  #close(column: number, isOpen: boolean): void {
    if (!isOpen) this.#profilers[column] = undefined;
  }
}

/** Nothing longer than this is anything else than text. */
const longestValueBytes = 4096;

function joinBytes(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array((first?.length ?? 0) + second.length);
  if (first !== undefined) joined.set(first);
  joined.set(second, first?.length ?? 0);
  return joined;
}

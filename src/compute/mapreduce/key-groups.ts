// Keys of merged runs, one after the other, with what their values come to.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Combination, MapReduceCode, ReduceValues } from "../../core/mapreduce/map-reduce.ts";
import type { RunMerge } from "./runs/merge-runs.ts";
import { textOf } from "./runs/run-cursor.ts";
import { compareBytes } from "./runs/sort-entries.ts";
import { isCombination } from "./task-options.ts";

export class KeyGroups {
  keys = 0;
  entries = 0;
  /** The bytes of the key, up to `length`, until `next`. */
  key: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  length = 0;
  readonly #merge: RunMerge;
  readonly #code: MapReduceCode;
  #hash = 0;

  constructor(merge: RunMerge, code: MapReduceCode) {
    this.#merge = merge;
    this.#code = code;
  }

  /** Stands on the next key. */
  next(): boolean {
    const cursor = this.#merge.top;
    if (cursor === undefined) return false;
    const { bytes, keyStart, keyEnd } = cursor;
    const length = keyEnd - keyStart;
    if (length > this.key.length) this.key = new Uint8Array(length * 2);
    const { key } = this;
    for (let i = 0; i < length; i += 1) key[i] = bytes[keyStart + i] ?? 0;
    this.length = length;
    this.#hash = cursor.hash;
    this.keys += 1;
    return true;
  }

  text(): string {
    return textOf(this.key, 0, this.length);
  }

  /** What the values of the key come to. All of them are behind afterwards. @throws MillraceError `REDUCE_FAILED` */
  total(): unknown {
    const { reduce } = this.#code;
    try {
      return isCombination(reduce) ? this.#combine(reduce) : this.#collect(reduce);
    } catch (cause) {
      throw this.failed(cause);
    }
  }

  /** What was thrown on the key. */
  failed(cause: unknown): MillraceError {
    if (cause instanceof MillraceError) return cause;
    const reason = cause instanceof Error ? cause.message : `it threw \`${typeof cause}\``;
    const { job } = this.#code;
    const message = `\`reduce\` or \`row\` of job \`${job}\` failed on key ${this.keys} of its part: ${reason}`;
    return new MillraceError("REDUCE_FAILED", message, { hint: "correct them, and run the job again", cause });
  }

  #combine({ merge }: Combination): unknown {
    let total = this.#take();
    while (this.#isSameKey()) total = merge(total, this.#take());
    return total;
  }

  #collect(reduce: ReduceValues): unknown {
    const values: IterableIterator<unknown> = {
      next: () => (this.#isSameKey() ? { done: false, value: this.#take() } : { done: true, value: undefined }),
      [Symbol.iterator]: () => values,
    };
    const total = reduce(this.text(), values);
    // it may have looked at the first ones only
    while (this.#isSameKey()) this.#take();
    return total;
  }

  /** The value of the top, which moves on. */
  #take(): unknown {
    const value = this.#merge.top?.value();
    this.entries += 1;
    this.#merge.pop();
    return value;
  }

  #isSameKey(): boolean {
    const cursor = this.#merge.top;
    if (cursor === undefined || cursor.hash !== this.#hash || cursor.keyEnd - cursor.keyStart !== this.length)
      return false;
    return compareBytes(cursor.bytes, cursor.keyStart, cursor.keyEnd, this.key, 0, this.length) === 0;
  }
}

// The memory of whoever maps one split after the other: a table whose room is made once, and how far it may grow. Where keys hardly ever
// come again, a large table combines nothing, and each look into it waits for memory: small ones, which stay in the processor's cache, are
// filled, sorted and written twice as fast.
import type { FieldKernel } from "./fields/field-kernel.ts";
import { KeyTable } from "./key-table.ts";

const cachedBytes = 2_000_000;
/** Values for each key below which a table that was full has hardly combined any. */
const fewValues = 1.5;

export class MapMemory {
  readonly table: KeyTable = new KeyTable();
  /** The table of jobs whose key is a field, made by the first of their tasks. */
  kernel: FieldKernel | undefined;
  #areKeysNew = false;

  /** What the table may take. @param most what it may take at all @param cached what stays in the processor's cache */
  limit(most: number, cached: number = cachedBytes): number {
    return this.#areKeysNew ? Math.min(cached, most) : most;
  }

  /** Empties a table that was full, and learns from it. @param values that were put into it */
  emptyFull(values: number): void {
    if (this.learn(values, this.table.count)) this.table.release();
    else this.table.clear();
  }

  /** Learns from a table that was full. Whether it has just become known that keys hardly ever come again. */
  learn(values: number, keys: number): boolean {
    const isLearned = !this.#areKeysNew && values < keys * fewValues;
    this.#areKeysNew ||= isLearned;
    return isLearned;
  }
}

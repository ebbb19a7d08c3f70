// One task of the reduce side: a part of all runs, merged, becomes rows in a file. Values of a key pass by one after the other, however
// many there are.
import { join } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Combination, MapReduceCode, ReduceValues } from "../../core/mapreduce/map-reduce.ts";
import { AttemptFile } from "./attempt-file.ts";
import type { Pause } from "./map-split.ts";
import { mergeToFan, removeRuns } from "./runs/merge-to-fan.ts";
import { compareBytes } from "./runs/sort-entries.ts";
import { RunMerge } from "./runs/merge-runs.ts";
import type { Run } from "./runs/run.ts";
import { RunCursor, textOf } from "./runs/run-cursor.ts";
import { isCombination, valueFormOf } from "./task-options.ts";

/** What a task of the reduce side has done. */
export interface Reduced {
  /** A file of one JSON object a line, in the order of the hashes of their keys. */
  readonly file: string;
  readonly keys: number;
  readonly rows: number;
  /** Entries of runs that were merged, and their bytes. */
  readonly entries: number;
  readonly bytes: number;
  /** What the values of `{ key, value }` are; absent for rows that a job makes itself, and without a row. */
  readonly values?: ValueKind;
}

/** Whole numbers that a double holds, numbers, or anything that JSON has. */
export type ValueKind = "whole" | "number" | "json";

export interface ReduceTask {
  /** Of the attempt, for the names of files. */
  readonly name: string;
  readonly code: MapReduceCode;
  readonly folder: string;
  readonly pause: Pause;
}

const keysBetweenPauses = 4_096;
const textToWrite = 1 << 16;

/** @throws MillraceError `REDUCE_FAILED`, `DISK_FULL` */
export async function reducePart(part: number, runs: readonly Run[], task: ReduceTask): Promise<Reduced> {
  const { code, folder, pause, name } = task;
  const form = valueFormOf(code);
  const inPart = runs.filter(({ offsets }) => (offsets[part + 1] ?? 0) > (offsets[part] ?? 0));
  const bytes = inPart.reduce((sum, { offsets }) => sum + (offsets[part + 1] ?? 0) - (offsets[part] ?? 0), 0);
  const few = await mergeToFan(inPart, { part, form, folder, name, pause });
  const cursors = few.map(({ run, part: place }, order) => new RunCursor(run, { part: place, order, form }));
  const file = join(folder, `rows-${String(part).padStart(5, "0")}.ndjson`);
  using output = new RowFile(file);
  try {
    const groups = new KeyGroups(new RunMerge(cursors), code);
    while (groups.next()) {
      output.add(groups.row());
      if (groups.keys % keysBetweenPauses === 0) await pause();
    }
    output.commit();
    const { keys, entries, values } = groups;
    return { file, keys, rows: output.rows, entries, bytes, ...(values === undefined ? {} : { values }) };
  } finally {
    for (const cursor of cursors) cursor[Symbol.dispose]();
    removeRuns(few.filter(({ run }) => !inPart.includes(run)));
  }
}

/** Keys of merged runs, one after the other. */
class KeyGroups {
  keys = 0;
  entries = 0;
  /** Of the rows so far that are `{ key, value }`. */
  values: ValueKind | undefined;
  readonly #merge: RunMerge;
  readonly #code: MapReduceCode;
  #key = new Uint8Array(256);
  #length = 0;
  #hash = 0;

  constructor(merge: RunMerge, code: MapReduceCode) {
    this.#merge = merge;
    this.#code = code;
  }

  /** Stands on the next key. */
  next(): boolean {
    const cursor = this.#merge.top;
    if (cursor === undefined) return false;
    this.#length = cursor.keyEnd - cursor.keyStart;
    if (this.#length > this.#key.length) this.#key = new Uint8Array(this.#length * 2);
    for (let i = 0; i < this.#length; i += 1) this.#key[i] = cursor.bytes[cursor.keyStart + i] ?? 0;
    this.#hash = cursor.hash;
    this.keys += 1;
    return true;
  }

  /** The row of the key as JSON, or nothing. All its entries are behind afterwards. */
  row(): string | undefined {
    const { reduce, row, job } = this.#code;
    const key = textOf(this.#key, 0, this.#length);
    try {
      const total = isCombination(reduce) ? this.#combine(reduce) : this.#collect(key, reduce);
      if (row === undefined) {
        this.values = uniteKinds(this.values, kindOf(total));
        return toDefaultRow(key, total);
      }
      const made = row(key, total);
      return made === undefined ? undefined : JSON.stringify(made);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const reason = cause instanceof Error ? cause.message : `it threw \`${typeof cause}\``;
      throw new MillraceError(
        "REDUCE_FAILED",
        `\`reduce\` or \`row\` of job \`${job}\` failed on key ${this.keys} of its part: ${reason}`,
        {
          hint: "correct them, and run the job again",
          cause,
        },
      );
    }
  }

  #combine({ merge }: Combination): unknown {
    let total = this.#take();
    while (this.#isSameKey()) total = merge(total, this.#take());
    return total;
  }

  #collect(key: string, reduce: ReduceValues): unknown {
    const values: IterableIterator<unknown> = {
      next: () => (this.#isSameKey() ? { done: false, value: this.#take() } : { done: true, value: undefined }),
      [Symbol.iterator]: () => values,
    };
    const total = reduce(key, values);
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
    if (cursor === undefined || cursor.hash !== this.#hash || cursor.keyEnd - cursor.keyStart !== this.#length)
      return false;
    return compareBytes(cursor.bytes, cursor.keyStart, cursor.keyEnd, this.#key, 0, this.#length) === 0;
  }
}

/** Rows as lines of JSON. */
class RowFile implements Disposable {
  rows = 0;
  readonly #file: AttemptFile;
  #text = "";

  constructor(path: string) {
    this.#file = new AttemptFile(path);
  }

  add(row: string | undefined): void {
    if (row === undefined) return;
    this.rows += 1;
    this.#text += `${row}\n`;
    if (this.#text.length > textToWrite) this.#flush();
  }

  commit(): void {
    this.#flush();
    this.#file.commit();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#file.room(bytes.length);
    this.#file.bytes.set(bytes, this.#file.at);
    this.#file.at += bytes.length;
  }
}

/** What holds values of both. */
export function uniteKinds(a: ValueKind | undefined, b: ValueKind | undefined): ValueKind | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  return a === "json" || b === "json" ? "json" : "number";
}

function kindOf(total: unknown): ValueKind {
  if (typeof total !== "number") return "json";
  return Number.isSafeInteger(total) ? "whole" : "number";
}

function toDefaultRow(key: string, total: unknown): string {
  if (typeof total === "number" && !Number.isFinite(total))
    throw new TypeError(`expected a finite number, got: \`${total}\``);
  return `{"key":${JSON.stringify(key)},"value":${JSON.stringify(total) ?? "null"}}`;
}

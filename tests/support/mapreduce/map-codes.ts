// Functions of jobs of map and reduce, which threads of tests find by their names.
import { existsSync, writeFileSync } from "node:fs";
import type { LineView, MapReduceCode, MapRow } from "../../../src/core/mapreduce/map-reduce.ts";
import { toMapReduceCode } from "../../../src/data/mapreduce/to-map-reduce-code.ts";

const files = { name: "", input: { files: "" } };

const sum = {
  init: 0,
  add: (total: unknown, value: unknown) => Number(total) + Number(value),
  merge: (a: unknown, b: unknown) => Number(a) + Number(b),
};

const lines = { read: "lines", separator: " " } as const;

/** By name. */
export const mapCodes = {
  /** Counts the first words of lines. */
  words: { ...lines, map: (line, emit) => emit((line as LineView).field(0), 1), reduce: sum },
  /** The same without views. */
  bytes: {
    ...lines,
    mapBytes: (buffer, start, end, emit) => {
      let at = start;
      while (at < end && buffer[at] !== 32) at += 1;
      emit(start, at, 1);
    },
    reduce: sum,
  },
  /** The same, with a total that is a number no more when two of them are put together. */
  wrongTotals: {
    ...lines,
    map: (line, emit) => emit((line as LineView).field(0), 1),
    reduce: { ...sum, merge: String },
  },
  /** Adds up second words by first words, in objects. */
  totals: {
    ...lines,
    map: (line, emit) => emit((line as LineView).field(0).text(), (line as LineView).field(1).number()),
    reduce: {
      init: () => ({ n: 0, most: 0 }),
      add: (total, value) => addTo(total as Totals, { n: 1, most: Number(value) }),
      merge: (a, b) => addTo(a as Totals, b as Totals),
    },
    row: (key, total) => ({ word: key, ...(total as Totals) }),
  },
  /** The values of each key in the order of the input. */
  lists: {
    read: "ndjson",
    separator: " ",
    map: (record, emit) => emit(String((record as MapRow)["key"]), (record as MapRow)["value"]),
    reduce: (_key, values) => [...values],
  },
  /** Looks at the first value of each key only. */
  firsts: {
    ...lines,
    map: (line, emit) => emit((line as LineView).field(0), (line as LineView).field(1).text()),
    reduce: (_key, values) => {
      for (const value of values) return value;
      return undefined;
    },
  },
  columns: {
    read: "csv",
    separator: ",",
    map: (record, emit) => emit(fieldOf(record, "city"), Number(fieldOf(record, "n"))),
    reduce: sum,
  },
  /** Emits, then throws on the word `bad`. */
  throws: {
    ...lines,
    map: (line, emit) => {
      const word = (line as LineView).field(0);
      emit(word, 1);
      if (word.equals("bad")) throw new Error("it is bad");
    },
    reduce: sum,
  },
  /** Ends its thread at the word `die`, unless the file is there that it makes. */
  dies: {
    ...lines,
    map: (line, emit) => {
      const word = (line as LineView).field(0);
      emit(word, 1);
      if (!word.equals("die")) return;
      const mark = (line as LineView).field(1).text();
      if (mark !== "" && existsSync(mark)) return;
      if (mark !== "") writeFileSync(mark, "");
      process.exit(3);
    },
    reduce: sum,
  },
  endless: {
    ...lines,
    map: (line, emit) => emit((line as LineView).field(0), 1),
    reduce: () => {
      for (;;);
    },
  },
  /** Counts rows by the type and the text of a column. */
  kinds: {
    read: "rows",
    separator: " ",
    map: (row, emit) => emit(`${typeof (row as MapRow)["n"]} ${String((row as MapRow)["n"])}`, 1),
    reduce: sum,
  },
  /** The same of whole columns. */
  batches: {
    read: "rows",
    separator: " ",
    mapBatch: (batch, emit) => {
      for (const value of batch.column("n")) emit(`${typeof value} ${String(value)}`, 1);
    },
    reduce: sum,
  },
  /** Prints what is no row. */
  prints: {
    ...lines,
    map: (line, emit) => {
      console.log("noise");
      process.stdout.write("more noise\n");
      emit((line as LineView).field(0), 1);
    },
    reduce: sum,
  },
  /** Counts the first words of lines without a function. */
  fields: toMapReduceCode({ ...files, key: { field: 0 }, reduce: "count" }),
  /** What third words come to by second ones. */
  fieldSums: toMapReduceCode({ ...files, key: { field: 1 }, reduce: { sum: 2 } }),
  fieldMins: toMapReduceCode({ ...files, key: { field: 1 }, reduce: { min: 2 } }),
  fieldMaxs: toMapReduceCode({ ...files, key: { field: 1 }, reduce: { max: 2 } }),
  /** As `columns`, without a function. */
  columnSums: toMapReduceCode({ ...files, read: "csv", key: { field: "city" }, reduce: { sum: "n" } }),
  /** A key as long as its line. */
  whole: { ...lines, map: (line, emit) => emit(line as LineView, 1), reduce: sum },
} as const satisfies Readonly<Record<string, Omit<MapReduceCode, "job">>>;

export type MapCodeName = keyof typeof mapCodes;

interface Totals {
  n: number;
  most: number;
}

function addTo(total: Totals, more: Totals): Totals {
  total.n += more.n;
  total.most = Math.max(total.most, more.most);
  return total;
}

function fieldOf(record: unknown, column: string): string {
  return (record as { field(column: string): { text(): string } }).field(column).text();
}

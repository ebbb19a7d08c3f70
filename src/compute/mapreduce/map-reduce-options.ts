// Defines what a job of map and reduce is computed from, and what comes of it, wherever its tasks run.
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import type { RowChunk } from "./column-batch.ts";
import type { MapFile } from "./plan-splits.ts";
import type { ValueKind } from "./rows/reduced-rows.ts";
import type { BadRecord, BadRecords } from "./task-options.ts";
import type { LaunchMapThread } from "./threads/thread-protocol.ts";

/** What records are read from. */
export type MapInput =
  | { readonly files: readonly MapFile[] }
  | { readonly rows: AsyncIterable<RowChunk>; readonly name: string };

export interface MapReduceOptions {
  readonly code: MapReduceCode;
  readonly input: MapInput;
  /** Bytes that tables and runs may take over all threads; more goes to the disk. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Absent where the job's module cannot be loaded again: everything is done in this thread. */
  readonly launch?: LaunchMapThread | undefined;
  /** Input of fewer bytes is worked through in this thread. */
  readonly inlineBytes: number;
  /** Default: about four splits for each thread. */
  readonly splitBytes?: number;
  readonly maxLineBytes: number;
  readonly bad: BadRecords;
  /** Whether rows are pairs of a key and a number, in files of Parquet. Default: lines of JSON. Only for totals that are numbers. */
  readonly arePairs?: boolean;
  /** A folder of its own, which the caller removes. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, operation: string) => void;
}

/** Rows, and figures for people. */
export interface MapReduced {
  /** To be read in this order; only those with rows. */
  readonly files: readonly string[];
  /** Whether they are of Parquet, with pairs of a key and a number; else of one JSON object a line. */
  readonly arePairs: boolean;
  /** What the values of `{ key, value }` are; `undefined` for rows that the job makes itself, and without a row. */
  readonly values: ValueKind | undefined;
  readonly rows: number;
  readonly keys: number;
  readonly records: number;
  readonly emitted: number;
  readonly bad: number;
  readonly letters: readonly BadRecord[];
  readonly spilledBytes: number;
  readonly splits: number;
  readonly threads: number;
  /** Attempts that died with their threads. */
  readonly lostAttempts: number;
  /** Bytes of the parts that were reduced one by one. */
  readonly parts: { readonly count: number; readonly largestBytes: number; readonly medianBytes: number };
}

/** Computes one job. Rows and their order are the same whoever does it. */
export type RunMapReduce = (options: MapReduceOptions) => Promise<MapReduced>;

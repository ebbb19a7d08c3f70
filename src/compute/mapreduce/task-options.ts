// Defines what tasks of one job have in common, in whichever thread they run.
import type { Combination, MapReduceCode, Reduction } from "../../core/mapreduce/map-reduce.ts";
import type { ValueForm } from "./runs/run.ts";

/** What becomes of records that cannot be read, or that `map` throws on. */
export interface BadRecords {
  /** More of them fail the job; 0 fails at the first. */
  readonly most: number;
  /** Whether they are kept, for people to look at. */
  readonly isKept: boolean;
}

/** Plain data, which threads are given. */
export interface TaskOptions {
  /** Parts of the hash space; a power of two. */
  readonly parts: number;
  /** What the table of one task may take before it is written out as a run. */
  readonly tableBytes: number;
  /** What runs in memory may take, over all threads. */
  readonly runBytes: number;
  /** Kilobytes of runs in memory, over all threads. */
  readonly runMemory: Int32Array<SharedArrayBuffer>;
  readonly maxLineBytes: number;
  readonly bad: BadRecords;
  /** Whether rows are pairs of a key and a number, in files of Parquet. */
  readonly arePairs: boolean;
  /** Where runs are spilled to, and the rows are written. */
  readonly folder: string;
}

/** A record that was left out. */
export interface BadRecord {
  readonly file: string;
  /** Where it starts in the unpacked file, or which row it is, from 0. */
  readonly at: number;
  readonly reason: string;
  /** Its text, cut where it is long. */
  readonly text: string;
}

/** How values of a reduction are kept until they are reduced. */
export function valueFormOf({ reduce }: Pick<MapReduceCode, "reduce">): ValueForm {
  return isCombination(reduce) && typeof reduce.init === "number" ? "number" : "json";
}

/** Whether parts of a reduction can be made before all values are together. */
export function isCombination(reduce: Reduction): reduce is Combination {
  return typeof reduce !== "function";
}

// Defines what a job of map and reduce asks of the data layer, and what it is told.
import type { Check } from "../dataset/check.ts";
import type { DatasetReference } from "../dataset/dataset-handle.ts";
import type { OutputOptions } from "../dataset/dataset.ts";
import type { Topic } from "../stream/topic.ts";
import type { MapReduceCode } from "./map-reduce.ts";

/** Where records come from. */
export type MapInput =
  | {
      /** Files or globs, as a source of files takes them; `.gz` and `.zst` are unpacked. */
      readonly files: string | readonly string[];
    }
  | {
      /** The latest version of a dataset; records are its rows. */
      readonly dataset: DatasetReference;
    }
  | {
      /** Records that a topic keeps when the run starts; as rows, with `_key`, `_partition`, `_offset` and `_time`. */
      readonly topic: Topic;
    };

/** What becomes of records that cannot be read, or that `map` throws on. */
export type BadRecordPolicy =
  | "fail"
  | {
      /** So many may be left out. */
      readonly skip: number;
    }
  | {
      /** A dataset that they are appended to, with their place and the reason. */
      readonly deadLetter: DatasetReference;
      /** More of them fail the job. Default 1,000. */
      readonly most?: number;
    };

/** Where functions are called: on this machine, or on executors of the project's Spark. */
export type MapEngine = "local" | "spark";

export interface MapReduceRequest {
  readonly code: MapReduceCode;
  readonly input: MapInput;
  readonly output: OutputOptions;
  readonly checks: readonly Check[];
  readonly badRecords: BadRecordPolicy;
  readonly memoryBytes: number;
  readonly maxLineBytes: number;
  /** Default: as many as the machine has. */
  readonly threads?: number | undefined;
  /** Default: the one of the project. */
  readonly engine?: MapEngine | undefined;
}

/** What the run of such a job has done. */
export interface MapReduceFigures {
  /** Records that `map` was called with, or that could not be read. */
  readonly records: number;
  /** Values that were emitted. */
  readonly emitted: number;
  readonly keys: number;
  readonly badRecords: number;
  /** Bytes that did not fit into `memory`. */
  readonly spilledBytes: number;
  readonly threads: number;
  /** Attempts at a split or a part that died with their threads, and were made again. */
  readonly lostAttempts: number;
  /** Bytes of values in the largest and the median of the parts that are reduced one by one. */
  readonly largestPartBytes: number;
  readonly medianPartBytes: number;
}

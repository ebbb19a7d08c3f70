// Defines a task of the map side: what it is given, and what it has done.
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import type { BadRecordLog } from "./bad-record-log.ts";
import type { MapMemory } from "./map-memory.ts";
import type { Run } from "./runs/run.ts";
import type { TaskRuns } from "./runs/task-runs.ts";
import type { BadRecord, TaskOptions } from "./task-options.ts";

/** What a task of the map side has done. */
export interface Mapped {
  readonly runs: readonly Run[];
  /** Records that `map` was called with, or that are no records. */
  readonly records: number;
  readonly emitted: number;
  readonly bad: number;
  /** Those of `bad` that are kept. */
  readonly letters: readonly BadRecord[];
  /** Bytes of runs on disk. */
  readonly spilledBytes: number;
}

/** How a task lets others go on between two parts of its work. */
export type Pause = () => Promise<void> | undefined;

export interface MapTask {
  /** Of the task, among all; and which attempt at it this is. */
  readonly name: string;
  readonly code: MapReduceCode;
  readonly options: TaskOptions;
  /** Used for one task after the other. What is in it is forgotten. */
  readonly memory: MapMemory;
  readonly pause: Pause;
}

/** @param emitted values of records that count */
export function toMapped({ runs, spilledBytes }: TaskRuns, log: BadRecordLog, emitted: number): Mapped {
  const { records, bad, letters } = log;
  return { runs, records, emitted, bad, letters, spilledBytes };
}

// The runs that a table becomes in one task of the map side, in memory as long as there is room, then on disk.
import { join } from "node:path";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { type TaskOptions, valueFormOf } from "../task-options.ts";
import { type Run, writeRunToFile, writeRunToMemory } from "./run.ts";
import type { EntryTable } from "./sort-entries.ts";

interface Task {
  /** Of the attempt, for the names of files. */
  readonly name: string;
  readonly code: MapReduceCode;
  readonly options: TaskOptions;
}

export class TaskRuns {
  readonly runs: Run[] = [];
  spilledBytes = 0;
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
  }

  /** Writes the entries of a table, which keeps them. @param bytes that they take, roughly @throws MillraceError `DISK_FULL` */
  write(table: EntryTable, bytes: number): void {
    const { name, code, options } = this.#task;
    const form = { form: valueFormOf(code), parts: options.parts };
    const run = takeMemory(options, bytes)
      ? writeRunToMemory(table, form)
      : writeRunToFile(table, join(options.folder, `run-${name}-${this.runs.length}`), form);
    if (typeof run.place === "string") this.spilledBytes += run.offsets.at(-1) ?? 0;
    this.runs.push(run);
  }
}

/** Whether a run may stay in memory; what it takes is counted over all threads. */
function takeMemory({ runMemory, runBytes }: TaskOptions, bytes: number): boolean {
  const kilobytes = Math.ceil(bytes / 1024);
  const taken = Atomics.add(runMemory, 0, kilobytes) + kilobytes;
  if (taken * 1024 <= runBytes) return true;
  Atomics.sub(runMemory, 0, kilobytes);
  return false;
}

// What the process that waits for a job and the processes on executors have in common: a folder that both see, the files in it, and the
// codes that processes end with. Data never passes through Spark; it says which task runs where, and when one has to run again.
import { join } from "node:path";
import type { ErrorRecord } from "../../../core/errors/errors.ts";
import type { Mapped } from "../../mapreduce/map-task.ts";
import type { Split } from "../../mapreduce/plan-splits.ts";
import type { Reduced } from "../../mapreduce/reduce-part.ts";
import type { Run } from "../../mapreduce/runs/run.ts";
import type { TaskOptions } from "../../mapreduce/task-options.ts";

/** Changes whenever one side would not understand the other; both are sent together, so this is never negotiated. */
export const protocolVersion = 1;

/** The two files that were sent, by their SHA-256 in hexadecimal; they lie beside each other under the names that `fileName` gives. */
export interface ExecutorFiles {
  /** Starts processes, and is the same for all jobs. */
  readonly runner: string;
  /** The module of the job, with all that it imports. */
  readonly code: string;
}

/** The name of a file that is sent. */
export function fileName(sha256: string): string {
  return `${sha256}.mjs`;
}

/** What all tasks of a job are told. */
export interface ExecutorJob {
  readonly version: number;
  readonly job: string;
  readonly files: ExecutorFiles;
  readonly options: Omit<TaskOptions, "runMemory" | "runBytes" | "folder">;
  /** A process ends when nobody has renewed the lease for so long. */
  readonly leaseMs: number;
}

/** A part of the input that is mapped as one: a range of a file, or rows that were put into a file. */
export type MapPart =
  | { readonly index: number; readonly split: Split }
  | {
      readonly index: number;
      readonly rows: string;
      readonly bytes: number;
      readonly name: string;
      readonly first: number;
    };

/** One row of Spark's, which one process does. */
export type ExecutorTask =
  | { readonly stage: "map"; readonly task: number; readonly parts: readonly MapPart[] }
  | { readonly stage: "reduce"; readonly task: number };

/** What a task has done, in a file whose name has the checksum of its bytes. */
export type TaskAnswer =
  | { readonly stage: "map"; readonly results: readonly { readonly index: number; readonly mapped: Mapped }[] }
  | { readonly stage: "reduce"; readonly reduced: Reduced; readonly fileBytes: number };

/** The one line that a process writes for each task, when everything else of it is on disk. */
export interface TaskTrailer {
  readonly eof: true;
  readonly task: number;
  /** The name of the file with the answer. */
  readonly answer: string;
}

/** What a task has failed with. */
export interface TaskFailure {
  readonly task: number;
  readonly error: ErrorRecord;
}

/** What all reduce tasks read. */
export interface ReduceInput {
  readonly runs: readonly Run[];
}

/** Where things are in the folder. */
export interface ExecutorPlaces {
  readonly job: string;
  readonly runs: string;
  /** Its content changes as long as somebody waits for the job. */
  readonly lease: string;
  /** There when all processes have to end. */
  readonly stop: string;
  /** Folders of files by the stages' tries: `map-1`. */
  readonly answers: (round: string) => string;
  readonly failures: (round: string) => string;
  readonly tasks: (round: string) => string;
  readonly attempts: string;
  /** A folder of one attempt's own, in `attempts`. */
  readonly attempt: (name: string) => string;
}

export function placesIn(folder: string): ExecutorPlaces {
  return {
    job: join(folder, "job.json"),
    runs: join(folder, "runs.json"),
    lease: join(folder, "lease"),
    stop: join(folder, "stop"),
    answers: (round) => join(folder, `answers-${round}`),
    failures: (round) => join(folder, `failures-${round}`),
    tasks: (round) => join(folder, `tasks-${round}.json`),
    attempts: join(folder, "attempts"),
    attempt: (name) => join(folder, "attempts", name),
  };
}

/** What processes on executors end with, beside 0. */
export const executorExit = {
  /** The command, the job or the code is not what it should be. */
  badSpec: 64,
  /** A record, or a file of the input. */
  badInput: 65,
  /** The folder cannot be read there. */
  noFolder: 66,
  /** The code of the job. */
  userCode: 70,
  /** Another attempt may do better. */
  transient: 75,
} as const;

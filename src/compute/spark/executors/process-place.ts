// Where a process on an executor finds what it does and leaves what it has done: a folder that it shares with the process that waits, or a
// folder of its own beside a bucket.
import { existsSync, readFileSync } from "node:fs";
import type { ErrorRecord, MillraceError } from "../../../core/errors/errors.ts";
import { readJson, writeAnswer } from "./executor-files.ts";
import {
  type ExecutorJob,
  type ExecutorTask,
  placesIn,
  type TaskAnswer,
  type TaskFailure,
} from "./executor-protocol.ts";

export interface ProcessPlace {
  /** What the task works in. */
  readonly folder: string;
  readonly job: ExecutorJob;
  readonly tasks: readonly ExecutorTask[];
  /** Where the lease is read, when not in the folder. */
  readonly lease?: string;
  /** Brings what a task reads. @returns the task with the paths that it has here */
  prepare(task: ExecutorTask): Promise<ExecutorTask>;
  /** Brings what is needed to tell of an error rightly. @returns whether the task is to be done once more for that */
  completes(task: ExecutorTask, error: MillraceError): Promise<boolean>;
  /** Lets the process that waits see what a task has done. @returns the name of the answer that counts */
  publish(task: number, answer: TaskAnswer): Promise<string>;
  fail(task: number, error: ErrorRecord): Promise<void>;
  /** Takes away what nobody else sees. */
  clear(): void;
}

/** @throws Error when the folder cannot be read here */
export function openSharedPlace(folder: string, round: string): ProcessPlace {
  const places = placesIn(folder);
  return {
    folder,
    job: readJson<ExecutorJob>(places.job),
    tasks: readJson<readonly ExecutorTask[]>(places.tasks(round)),
    prepare: (task) => Promise.resolve(task),
    completes: () => Promise.resolve(false),
    publish: (task, answer) => Promise.resolve(writeAnswer(places.answers(round), task, answer)),
    fail: (task, error) => {
      writeAnswer(places.failures(round), Math.max(0, task), { task, error } satisfies TaskFailure);
      return Promise.resolve();
    },
    clear: () => undefined,
  };
}

/** What the lease says. */
export interface LeaseLook {
  /** `undefined`: there is none. */
  readonly content: string | undefined;
  readonly isStopped: boolean;
}

/** Looks at the lease in a folder. */
export function lookAtLease(folder: string): LeaseLook {
  const { lease, stop } = placesIn(folder);
  return { content: readIfThere(lease), isStopped: existsSync(stop) };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

// One task in a process on an executor: it reads what it is about from the shared folder, and leaves what it did in a folder of its own
// attempt, so that two attempts at once do not see each other.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { MapMemory } from "../../mapreduce/map-memory.ts";
import { mapRows, mapSplit } from "../../mapreduce/map-split.ts";
import type { Mapped } from "../../mapreduce/map-task.ts";
import type { MapFile } from "../../mapreduce/plan-splits.ts";
import { reducePart } from "../../mapreduce/reduce-part.ts";
import type { TaskOptions } from "../../mapreduce/task-options.ts";
import { readJson } from "./executor-files.ts";
import {
  type ExecutorJob,
  type ExecutorTask,
  type MapPart,
  placesIn,
  type ReduceInput,
  type TaskAnswer,
} from "./executor-protocol.ts";
import { readRowFile } from "./row-files.ts";

export interface DoTaskOptions {
  readonly folder: string;
  readonly job: ExecutorJob;
  readonly code: MapReduceCode;
}

/** @throws MillraceError as mapping and reducing do */
export async function doTask(task: ExecutorTask, { folder, job, code }: DoTaskOptions): Promise<TaskAnswer> {
  const name = `${task.stage}-${task.task}-${randomUUID().slice(0, 8)}`;
  const own = placesIn(folder).attempt(name);
  // in a folder that was taken away nothing is made anew
  mkdirSync(own);
  if (task.stage === "reduce") {
    const { runs } = readJson<ReduceInput>(placesIn(folder).runs);
    const { arePairs } = job.options;
    const reduced = await reducePart(task.task, runs, { name, code, folder: own, arePairs, pause });
    return { stage: "reduce", reduced, fileBytes: statSync(reduced.file).size };
  }
  const options = toTaskOptions(job, own);
  const memory = new MapMemory();
  const results: { index: number; mapped: Mapped }[] = [];
  for (const part of task.parts) {
    results.push({
      index: part.index,
      mapped: await mapPart(part, { name: String(part.index), code, options, memory, pause }),
    });
  }
  return { stage: "map", results };
}

async function mapPart(part: MapPart, task: Parameters<typeof mapSplit>[1]): Promise<Mapped> {
  if ("split" in part) {
    assertSeen(part.split.file);
    return await mapSplit(part.split, task);
  }
  return await mapRows(readRowFile(part.rows), part.name, task, part.first);
}

/** What is no damage of the file. @throws MillraceError `SOURCE_UNREADABLE` */
function assertSeen({ path, name }: MapFile): void {
  if (existsSync(path)) return;
  throw new MillraceError("SOURCE_UNREADABLE", `an executor of Spark does not see \`${name}\``, {
    hint: "put files of the input where this machine and all executors see them under the same path",
    details: { path },
  });
}

/** All runs go to files: the memory of this process is not there any more when they are read. */
function toTaskOptions({ options }: ExecutorJob, folder: string): TaskOptions {
  return { ...options, folder, runBytes: 0, runMemory: new Int32Array(new SharedArrayBuffer(4)) };
}

/** Another thread watches whether the job goes on. */
function pause(): undefined {
  return undefined;
}

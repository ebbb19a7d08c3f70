// The local engine of map and reduce: splits are mapped into sorted runs, parts of the hash space are merged into rows. Small input is
// worked through right here, since threads cost more than they save; the result is the same either way.
import { setImmediate } from "node:timers/promises";
import type { MapReduced, MapReduceOptions } from "./map-reduce-options.ts";
import { MapMemory } from "./map-memory.ts";
import { releaseHeap } from "./threads/release-heap.ts";
import { MapThreads } from "./threads/map-threads.ts";
import { mapRows, mapSplit } from "./map-split.ts";
import type { Mapped } from "./map-task.ts";
import { planSplits, type Split } from "./plan-splits.ts";
import { type Reduced, reducePart } from "./reduce-part.ts";
import type { LaunchMapThread } from "./threads/thread-protocol.ts";
import type { TaskOptions } from "./task-options.ts";
import { TaskResults } from "./task-results.ts";

/** Bytes of runs in memory whose room is given back at once, for the publication. */
const worthReleasing = 32_000_000;

/**
 * Maps and reduces. The order of the rows is the same for any number of threads and any memory.
 * @throws MillraceError `MAP_FAILED`, `REDUCE_FAILED`, `RECORD_INVALID`, `RECORD_TOO_LARGE`, `SOURCE_UNREADABLE`, `DISK_FULL`,
 *   `ISOLATE_DIED`; whatever the signal was aborted with
 */
export async function runMapReduce(options: MapReduceOptions): Promise<MapReduced> {
  const { input, launch, inlineBytes } = options;
  const isSmall = "rows" in input || input.files.reduce((sum, { bytes }) => sum + bytes, 0) < inlineBytes;
  const threads = isSmall || launch === undefined ? 1 : options.threads;
  const splits = "files" in input ? planSplits(input.files, threads, options.splitBytes) : [];
  const tasks = toTaskOptions(options, threads);
  const results = new TaskResults(options, { splits: splits.length, parts: tasks.parts });
  if (isSmall || launch === undefined) {
    await runHere(options, { tasks, splits, results });
    return results.result(1, 0);
  }
  const threaded = await runInThreads(options, { tasks, splits, results }, launch);
  if (Atomics.load(tasks.runMemory, 0) * 1024 > worthReleasing) releaseHeap();
  return results.result(threads, threaded.lost);
}

/** @returns how many attempts were lost */
async function runInThreads(
  { threads, signal }: MapReduceOptions,
  { tasks, splits, results }: Work,
  launch: LaunchMapThread,
): Promise<{ readonly lost: number }> {
  await using pool = new MapThreads(launch, tasks, threads);
  const mapping = pool.run<Mapped>(
    {
      count: splits.length,
      message: (task, attempt) => ({ type: "map", name: `${task}-${attempt}`, split: splits[task] as Split }),
      onDone: (mapped, task) => results.onMapped(mapped, task),
    },
    signal,
  );
  // while threads start
  releaseHeap();
  await mapping;
  const runs = results.runs();
  await pool.run<Reduced>(
    {
      count: tasks.parts,
      message: (part, attempt) => ({ type: "reduce", name: `${part}-${attempt}`, part, runs }),
      onDone: (reduced, part) => results.onReduced(reduced, part),
    },
    signal,
  );
  return { lost: pool.lost };
}

interface Work {
  readonly tasks: TaskOptions;
  readonly splits: readonly Split[];
  readonly results: TaskResults;
}

async function runHere(
  { code, input, signal, folder }: MapReduceOptions,
  { tasks, splits, results }: Work,
): Promise<void> {
  const pause = async (): Promise<void> => {
    await setImmediate();
    signal.throwIfAborted();
  };
  const task = { code, options: tasks, memory: new MapMemory(), folder, arePairs: tasks.arePairs, pause };
  if ("rows" in input) results.onMapped(await mapRows(input.rows, input.name, { ...task, name: "0-1" }), 0);
  for (const split of splits) {
    results.onMapped(await mapSplit(split, { ...task, name: `${split.index}-1` }), split.index);
  }
  const runs = results.runs();
  for (let part = 0; part < tasks.parts; part += 1) {
    results.onReduced(await reducePart(part, runs, { ...task, name: `${part}-1` }), part);
  }
}

function toTaskOptions(options: MapReduceOptions, threads: number): TaskOptions {
  const { memoryBytes, maxLineBytes, bad, folder, arePairs = false } = options;
  return {
    parts: threads === 1 ? 1 : 2 ** Math.ceil(Math.log2(threads * 4)),
    // a half for tables, whose runs take as much again while they are written; a quarter for runs that stay, and the rest for their merge
    tableBytes: memoryBytes / 4 / threads,
    runBytes: memoryBytes / 4,
    runMemory: new Int32Array(new SharedArrayBuffer(4)),
    maxLineBytes,
    bad,
    arePairs,
    folder,
  };
}

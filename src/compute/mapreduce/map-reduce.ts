// The local engine of map and reduce: splits are mapped into sorted runs, parts of the hash space are merged into rows. Small input is
// worked through right here, since threads cost more than they save; the result is the same either way.
import { setImmediate } from "node:timers/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import type { MapReduceCode, MapRow } from "../../core/mapreduce/map-reduce.ts";
import { MapThreads } from "./threads/map-threads.ts";
import { mapRows, mapSplit, type Mapped } from "./map-split.ts";
import { type MapFile, planSplits, type Split } from "./plan-splits.ts";
import { type Reduced, reducePart } from "./reduce-part.ts";
import type { Run } from "./run.ts";
import type { BadRecord, BadRecords, TaskOptions } from "./task-options.ts";
import type { LaunchMapThread } from "./threads/thread-protocol.ts";

/** What records are read from. */
export type MapInput =
  | { readonly files: readonly MapFile[] }
  | { readonly rows: AsyncIterable<readonly MapRow[]>; readonly name: string };

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
  /** A folder of its own, which the caller removes. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, operation: string) => void;
}

/** Rows, and figures for people. */
export interface MapReduced {
  /** Files of one JSON object a line, to be read in this order; only those with rows. */
  readonly files: readonly string[];
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
  const state = new State(options, toTaskOptions(options, threads), splits);
  if (isSmall || launch === undefined) {
    await runHere(options, state);
    return state.result(1, 0);
  }
  await using pool = new MapThreads(launch, state.tasks, threads);
  await pool.run<Mapped>(
    {
      count: splits.length,
      message: (task, attempt) => ({ type: "map", name: `${task}-${attempt}`, split: splits[task] as Split }),
      onDone: (mapped, task) => state.onMapped(mapped, task),
    },
    options.signal,
  );
  const runs = state.runs();
  await pool.run<Reduced>(
    {
      count: state.tasks.parts,
      message: (part, attempt) => ({ type: "reduce", name: `${part}-${attempt}`, part, runs }),
      onDone: (reduced, part) => state.onReduced(reduced, part),
    },
    options.signal,
  );
  return state.result(threads, pool.lost);
}

async function runHere({ code, input, signal, folder }: MapReduceOptions, state: State): Promise<void> {
  const pause = async (): Promise<void> => {
    await setImmediate();
    signal.throwIfAborted();
  };
  const task = { code, options: state.tasks, folder, pause };
  if ("rows" in input) state.onMapped(await mapRows(input.rows, input.name, { ...task, name: "0-1" }), 0);
  for (const split of state.splits) {
    state.onMapped(await mapSplit(split, { ...task, name: `${split.index}-1` }), split.index);
  }
  const runs = state.runs();
  for (let part = 0; part < state.tasks.parts; part += 1) {
    state.onReduced(await reducePart(part, runs, { ...task, name: `${part}-1` }), part);
  }
}

function toTaskOptions(options: MapReduceOptions, threads: number): TaskOptions {
  const { memoryBytes, maxLineBytes, bad, folder } = options;
  return {
    parts: threads === 1 ? 1 : 2 ** Math.ceil(Math.log2(threads * 4)),
    // half for tables, whose runs take as much again while they are written; half for runs that stay
    tableBytes: memoryBytes / 4 / threads,
    runBytes: memoryBytes / 2,
    runMemory: new Int32Array(new SharedArrayBuffer(4)),
    maxLineBytes,
    bad,
    folder,
  };
}

/** What tasks have done so far. */
class State {
  readonly tasks: TaskOptions;
  readonly splits: readonly Split[];
  readonly #options: MapReduceOptions;
  readonly #mapped = new Map<number, Mapped>();
  readonly #reduced = new Map<number, Reduced>();
  #bad = 0;

  constructor(options: MapReduceOptions, tasks: TaskOptions, splits: readonly Split[]) {
    this.#options = options;
    this.tasks = tasks;
    this.splits = splits;
  }

  /** @throws MillraceError when all tasks together have left out more records than they may */
  onMapped(mapped: Mapped, task: number): void {
    this.#mapped.set(task, mapped);
    this.#bad += mapped.bad;
    const { bad, onProgress, code } = this.#options;
    if (this.#bad > bad.most) throw tooManyBad(code.job, this.#bad, bad.most);
    onProgress(this.#mapped.size, Math.max(1, this.splits.length), "mapping");
  }

  onReduced(reduced: Reduced, part: number): void {
    this.#reduced.set(part, reduced);
    this.#options.onProgress(this.#reduced.size, this.tasks.parts, "reducing");
  }

  /** In the order of the input. */
  runs(): readonly Run[] {
    return ordered(this.#mapped).flatMap(({ runs }) => runs);
  }

  result(threads: number, lostAttempts: number): MapReduced {
    const mapped = ordered(this.#mapped);
    const reduced = ordered(this.#reduced);
    const sizes = reduced.map(({ bytes }) => bytes).toSorted((a, b) => a - b);
    return {
      files: reduced.filter(({ rows }) => rows > 0).map(({ file }) => file),
      rows: sumOf(reduced, "rows"),
      keys: sumOf(reduced, "keys"),
      records: sumOf(mapped, "records"),
      emitted: sumOf(mapped, "emitted"),
      bad: this.#bad,
      letters: mapped.flatMap(({ letters }) => letters),
      spilledBytes: sumOf(mapped, "spilledBytes"),
      splits: this.splits.length,
      threads,
      lostAttempts,
      parts: { count: sizes.length, largestBytes: sizes.at(-1) ?? 0, medianBytes: sizes[sizes.length >> 1] ?? 0 },
    };
  }
}

function ordered<Result>(results: ReadonlyMap<number, Result>): readonly Result[] {
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

function sumOf<Name extends string>(results: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return results.reduce((sum, result) => sum + result[name], 0);
}

function tooManyBad(job: string, bad: number, most: number): MillraceError {
  const message = `expected at most ${most} records of job \`${job}\` to be left out, got: \`${bad}\``;
  return new MillraceError("RECORD_INVALID", message, {
    hint: "look at what came, correct `map`, or raise the limit of `badRecords`",
  });
}

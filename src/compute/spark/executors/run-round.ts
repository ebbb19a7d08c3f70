// One try at tasks of a stage: a statement starts them, the shared folder says what they have done. What ended well counts although the
// statement failed, so that another round has the rest only.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import type { Clock } from "../../../core/clock.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fromErrorRecord } from "../../../core/errors/from-error-record.ts";
import { listAnswers, readAnswer, taskOf, writeJson } from "./executor-files.ts";
import {
  type ExecutorTask,
  executorExit,
  placesIn,
  type TaskAnswer,
  type TaskFailure,
  type TaskTrailer,
} from "./executor-protocol.ts";
import type { TaskStarter } from "./executors.ts";

export interface RoundOptions {
  readonly starter: TaskStarter;
  readonly folder: string;
  /** Such as `map-1`. */
  readonly round: string;
  readonly tasks: readonly ExecutorTask[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how many of the tasks are done, about every second. */
  readonly onProgress: (done: number) => void;
}

/** What a round has got. */
export interface RoundEnd {
  /** By task. */
  readonly answers: ReadonlyMap<number, TaskAnswer>;
  /** Why there is not one for each. */
  readonly failure?: unknown;
}

const watchMs = 1_000;

/**
 * @throws MillraceError what a task failed with, unless another attempt at it ended well; `CONFIG_INVALID` for a folder that executors
 *   do not see; whatever the signal aborts with
 */
export async function runRound(options: RoundOptions): Promise<RoundEnd> {
  const { folder, round, tasks, signal } = options;
  const places = placesIn(folder);
  // a folder that a later attempt has taken away is not made anew
  mkdirSync(places.answers(round));
  mkdirSync(places.failures(round));
  writeJson(places.tasks(round), tasks);
  const [over, failed] = [new AbortController(), new AbortController()];
  const watching = watch(options, over.signal, () => failed.abort()).catch((error: unknown) => {
    // the folder is gone or full: nobody could tell what becomes of the tasks
    failed.abort();
    return { error };
  });
  try {
    const trailers = await start(options, AbortSignal.any([signal, failed.signal]));
    return { answers: readAnswers(options, trailers) };
  } catch (failure) {
    signal.throwIfAborted();
    over.abort();
    const lost = await watching;
    if (lost !== undefined) throw lost.error;
    return { answers: keepAnswers(options, failure), failure };
  } finally {
    over.abort();
    await watching;
  }
}

/** @returns the names of the answers that processes told of */
async function start({ starter, folder, round, tasks }: RoundOptions, signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const line of starter.start({ folder, round, tasks: tasks.length }, signal)) names.push(...answerIn(line));
  return names;
}

/** Says that somebody waits, and looks what has become of the tasks. */
async function watch(options: RoundOptions, over: AbortSignal, onFailure: () => void): Promise<undefined> {
  const { folder, round, clock, onProgress } = options;
  const places = placesIn(folder);
  for (let renewals = 0; !over.aborted; renewals += 1) {
    writeFileSync(places.lease, `${round} ${renewals}`);
    onProgress(new Set(listAnswers(places.answers(round)).map(taskOf)).size);
    // Spark would try three times what fails each time
    if (readFailures(places.failures(round)).some(({ error }) => error.disposition !== "retry")) onFailure();
    await clock.sleep(watchMs, over);
  }
  return undefined;
}

/** What ended well of a statement that failed, unless what failed would fail again. */
function keepAnswers(options: RoundOptions, failure: unknown): ReadonlyMap<number, TaskAnswer> {
  const { folder, round, starter } = options;
  const places = placesIn(folder);
  const answers = readAnswers(options, listAnswers(places.answers(round)));
  const failures = readFailures(places.failures(round)).filter(({ task }) => !answers.has(task));
  const told = failures.find(({ error }) => error.disposition !== "retry") ?? failures[0];
  if (told !== undefined) throw fromErrorRecord(told.error);
  // anything else is no failure of a task: the session is lost, or Spark does not answer
  if (!(failure instanceof MillraceError) || failure.code !== "SQL_FAILED") throw failure;
  if (hasExited(failure, executorExit.noFolder)) throw unseenFolder(folder, starter, failure);
  if (hasExited(failure, executorExit.badSpec)) throw failure;
  return answers;
}

function readAnswers(
  { folder, round, starter }: RoundOptions,
  names: readonly string[],
): ReadonlyMap<number, TaskAnswer> {
  const answers = new Map<number, TaskAnswer>();
  const sizeOf = (path: string): number | undefined => starter.sizeOf?.(path) ?? sizeHere(path);
  for (const name of names) {
    const answer = readAnswer<TaskAnswer>(placesIn(folder).answers(round), name);
    if (answer !== undefined && isWhole(answer, sizeOf)) answers.set(taskOf(name), answer);
  }
  return answers;
}

/** Whether the files that an answer tells of are there, as long as they should be. */
function isWhole(answer: TaskAnswer, sizeOf: (path: string) => number | undefined): boolean {
  if (answer.stage === "reduce") return sizeOf(answer.reduced.file) === answer.fileBytes;
  const runs = answer.results.flatMap(({ mapped }) => mapped.runs);
  return runs.every(({ place, offsets }) => typeof place === "string" && sizeOf(place) === offsets.at(-1));
}

function sizeHere(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function readFailures(folder: string): readonly TaskFailure[] {
  return listAnswers(folder).flatMap((name) => readAnswer<TaskFailure>(folder, name) ?? []);
}

/** A line that is no trailer is of no process of ours, and counts for nothing. */
function answerIn(line: string): readonly string[] {
  try {
    const { eof, answer } = JSON.parse(line) as Partial<TaskTrailer>;
    return eof === true && answer !== undefined ? [answer] : [];
  } catch {
    return [];
  }
}

function hasExited(error: Error, status: number): boolean {
  const isSaid = new RegExp(String.raw`\bstatus ${status}\b`);
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if (isSaid.test(current.message)) return true;
  }
  return false;
}

function unseenFolder(folder: string, { place }: TaskStarter, cause: unknown): MillraceError {
  if (place !== undefined) {
    return new MillraceError("CONFIG_INVALID", `executors of Spark cannot read \`${place}\``, {
      hint: "they have to reach the service of the bucket under the same address as this machine, without a proxy or an authority of your own",
      cause,
    });
  }
  return new MillraceError("CONFIG_INVALID", `executors of Spark cannot read \`${folder}\``, {
    hint: "say with `compute.folder` which folder this machine and all executors share, under the same path",
    cause,
  });
}

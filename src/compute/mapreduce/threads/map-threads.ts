// Hands tasks to threads, each the next one when it has done one. A thread that dies costs the task it was at: that one is tried again
// by another, whose attempt has a name of its own.
import { MillraceError } from "../../../core/errors/errors.ts";
import { fromErrorRecord } from "../../../core/errors/from-error-record.ts";
import type { TaskOptions } from "../task-options.ts";
import type { FromMapThread, LaunchMapThread, MapThread, ToMapThread } from "./thread-protocol.ts";

const mostAttempts = 3;

/** Does tasks of one kind. @param message of an attempt at a task, from 1 */
export interface TaskKind<Result> {
  readonly count: number;
  message(task: number, attempt: number): ToMapThread;
  onDone(result: Result, task: number): void;
}

/** Threads of one job. Disposing ends them. */
export class MapThreads implements AsyncDisposable {
  /** Attempts that were lost with their threads. */
  lost = 0;
  readonly #launch: LaunchMapThread;
  readonly #options: TaskOptions;
  readonly #most: number;
  readonly #idle: MapThread[] = [];
  readonly #all = new Set<MapThread>();
  /** What waits for the next message of a thread, or for its end. */
  readonly #waiting = new Map<MapThread, (message: FromMapThread | undefined) => void>();
  readonly #ends: Promise<unknown>[] = [];
  #isClosed = false;
  /** What a thread has died of. */
  #lastError: Error | undefined;

  constructor(launch: LaunchMapThread, options: TaskOptions, most: number) {
    this.#launch = launch;
    this.#options = options;
    this.#most = most;
  }

  /**
   * Resolves when all tasks are done. At the first that fails, no other is begun.
   * @throws MillraceError what a task failed with, and `ISOLATE_DIED` for one whose threads died three times
   */
  async run<Result>(kind: TaskKind<Result>, signal: AbortSignal): Promise<void> {
    const attempts = new Map<number, number>();
    const tasks = Array.from({ length: kind.count }, (_, task) => task);
    const stop = (): void => this.#close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const workers = Array.from({ length: Math.min(this.#most, kind.count) }, async () => {
        for (let task = tasks.shift(); task !== undefined && !this.#isClosed; task = tasks.shift()) {
          const attempt = (attempts.get(task) ?? 0) + 1;
          attempts.set(task, attempt);
          const result = await this.#attempt<Result>(kind.message(task, attempt), signal);
          if (result !== undefined) kind.onDone(result, task);
          else if (attempt < mostAttempts) tasks.unshift(task);
          else throw died(attempt, this.#lastError);
        }
      });
      await Promise.all(workers);
    } catch (error) {
      this.#close();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await Promise.all(this.#ends);
  }

  /** The result of a task; `undefined` when its thread died. */
  async #attempt<Result>(message: ToMapThread, signal: AbortSignal): Promise<Result | undefined> {
    const thread = this.#idle.pop() ?? (await this.#start());
    const answer = thread === undefined ? undefined : await this.#ask(thread, message);
    signal.throwIfAborted();
    if (answer?.type === "failed") throw fromErrorRecord(answer.error);
    if (thread === undefined || answer?.type !== "done") {
      this.lost += 1;
      return undefined;
    }
    this.#idle.push(thread);
    return answer.result as Result;
  }

  async #start(): Promise<MapThread | undefined> {
    const thread: MapThread = this.#launch((message) => this.#tell(thread, message as FromMapThread));
    this.#all.add(thread);
    this.#ends.push(
      thread.ended.then(({ error }) => {
        this.#lastError = error;
        this.#all.delete(thread);
        this.#tell(thread, undefined);
      }),
    );
    const ready = await this.#ask(thread, { type: "open", options: this.#options });
    return ready?.type === "ready" ? thread : undefined;
  }

  async #ask(thread: MapThread, message: ToMapThread): Promise<FromMapThread | undefined> {
    if (!this.#all.has(thread)) return undefined;
    const { promise, resolve } = Promise.withResolvers<FromMapThread | undefined>();
    this.#waiting.set(thread, resolve);
    thread.send(message);
    return await promise;
  }

  #tell(thread: MapThread, message: FromMapThread | undefined): void {
    const resolve = this.#waiting.get(thread);
    this.#waiting.delete(thread);
    resolve?.(message);
  }

  #close(): void {
    this.#isClosed = true;
    for (const thread of this.#all) thread.kill();
  }
}

function died(attempts: number, cause: Error | undefined): MillraceError {
  return new MillraceError("ISOLATE_DIED", `threads of the job died at one task, ${attempts} times`, {
    hint: "look for what ends a thread: memory, native code, or `process.exit`",
    ...(cause === undefined ? {} : { cause }),
  });
}

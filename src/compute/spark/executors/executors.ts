// What work on executors needs of whoever starts its processes. Spark does it over Connect; tests do it with processes of their own.
import type { Clock } from "../../../core/clock.ts";
import type { ExecutorFiles } from "./executor-protocol.ts";

/** Where the tasks of one job run. */
export interface Executors {
  /** Called once for a job; what it gives is closed when the work has ended. */
  open(signal: AbortSignal): Promise<TaskStarter>;
  readonly clock: Clock;
  /** A process on an executor ends when this one has not been heard of for so long. Default: a minute. */
  readonly leaseMs?: number;
}

/** Starts processes that call `serveExecutor` with the functions of the job. */
export interface TaskStarter extends AsyncDisposable {
  /** What the processes run. */
  readonly files: ExecutorFiles;
  /**
   * Has a process for each number from 0 below `tasks`, as many at once as there is room for, and yields the lines that they write.
   * @throws MillraceError `SQL_FAILED` when one of them has not ended with 0, whose causes say `status <n>`
   */
  start(round: TaskRound, signal: AbortSignal): AsyncIterable<string>;
  /** What people call the place that processes share with this one, when it is not the folder. */
  readonly place?: string;
  /** Bytes of a file of an attempt that lies elsewhere; `undefined` for one that lies in the folder, or nowhere. */
  sizeOf?(path: string): number | undefined;
  /** Resolves when there is room for a process again. */
  untilFree(signal: AbortSignal): Promise<void>;
}

/** What processes are told on their command line, and how many there are. */
export interface TaskRound {
  /** That both sides see. */
  readonly folder: string;
  /** What processes are told in the place of the folder, when they see a bucket. */
  readonly address?: string;
  /** Such as `map-1`. */
  readonly round: string;
  /** At least one. */
  readonly tasks: number;
}

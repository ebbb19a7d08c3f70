// What threads of a job are told and tell. Both ends are of one process, so that memory is shared and nothing has to be checked.
import type { ErrorRecord } from "../../../core/errors/errors.ts";
import type { Mapped } from "../map-task.ts";
import type { Split } from "../plan-splits.ts";
import type { Reduced } from "../reduce-part.ts";
import type { Run } from "../runs/run.ts";
import type { TaskOptions } from "../task-options.ts";

/** To a thread. It is told `open` first, and one task at a time; whoever launched it may have told it more. */
export type ToMapThread =
  | { readonly type: "open"; readonly options: TaskOptions }
  | { readonly type: "map"; readonly name: string; readonly split: Split }
  | { readonly type: "reduce"; readonly name: string; readonly part: number; readonly runs: readonly Run[] };

/** From a thread. */
export type FromMapThread =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly result: Mapped | Reduced }
  | { readonly type: "failed"; readonly error: ErrorRecord };

/** Starts threads that have loaded the job's module. */
export type LaunchMapThread = (onMessage: (message: unknown) => void) => MapThread;

export interface MapThread {
  send(message: object): void;
  /** Ends it whatever it does; `ended` resolves then, too. */
  kill(): void;
  /** Why it ended by itself, where that is known. */
  readonly ended: Promise<{ readonly error?: Error | undefined }>;
}

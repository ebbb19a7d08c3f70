// Brings what people asked through the store to the runs that execute here, and notices leases that are gone.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunRequest } from "../../store/control/control-store.ts";
import type { WorkerId } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import type { Execution } from "./execution.ts";
import { Wake } from "../upkeep/wake.ts";

export interface RequestWatcherOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** What executes in this worker now. */
  readonly executions: () => Iterable<Execution>;
  readonly workerId: () => WorkerId;
  readonly onError: (error: MillraceError) => void;
}

/** Without a change a request is found within this time; a stop is to be acknowledged within a second. */
const lookEveryMs = 700;

/** Looks after each change and now and then, and only while something executes. */
export class RequestWatcher {
  readonly #options: RequestWatcherOptions;
  readonly #wake: Wake;
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: RequestWatcherOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Something was asked, perhaps of a run that executes here. */
  notify(): void {
    this.#wake.notify();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.notify();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#wake.wait(lookEveryMs);
      if (this.#stopping) return;
      try {
        await this.#look();
      } catch (error) {
        this.#options.onError(classifyError(error));
      }
    }
  }

  async #look(): Promise<void> {
    const { store, executions, workerId } = this.#options;
    const executing = [...executions()];
    if (executing.length === 0) return;
    const requests = await store.listRequests(workerId());
    const held = new Set((await store.heldFences(executing.map(({ fence }) => fence))).map(toKey));
    const asked = new Map(requests.map((request) => [toKey(request), request]));
    for (const execution of executing) {
      const key = toKey(execution.fence);
      const request = asked.get(key);
      if (!held.has(key)) execution.control.abort(toLoss(execution));
      else if (request?.action === "pause") execution.yieldPoint.requestPause(request.by);
      else if (request?.action === "stop") execution.control.abort(toStop(request));
    }
  }
}

function toKey({ runId, epoch }: { readonly runId: number; readonly epoch: number }): string {
  return `${runId}:${epoch}`;
}

function toLoss({ fence }: Execution): MillraceError {
  const message = `run \`${formatRunId(fence.runId)}\` was taken from this worker: force-stopped, or given to another`;
  return new MillraceError("RUN_LOST", message);
}

function toStop({ runId, by, reason }: RunRequest): MillraceError {
  const why = reason === undefined ? "" : `: ${reason}`;
  return new MillraceError("RUN_STOPPED", `run \`${formatRunId(runId)}\` was stopped by ${by}${why}`);
}

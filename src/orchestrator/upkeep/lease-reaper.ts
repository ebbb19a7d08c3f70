// Takes back the runs of workers that are gone: at once when their process is known to be dead, else when they expire.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { NewNotice } from "../../core/notification/notice.ts";
import type { WorkerId, WorkerProcess } from "../../store/rows/run-records.ts";
import type { LostRun } from "../../store/settle/reap.ts";
import type { Store } from "../../store/store.ts";

export interface LeaseReaperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly everyMs: number;
  /** True only for a process that certainly does not run any more. */
  readonly isProcessDead: (process: WorkerProcess) => boolean;
  /** What people are told of a run that ends because workers died of it. Default: nothing. */
  readonly noticesOf?: (lost: LostRun) => readonly NewNotice[];
  readonly onReaped: (runs: number) => void;
  readonly onError: (error: MillraceError) => void;
}

const reapBatch = 500;
/** A run that was alone aboard when this many workers died ends ERROR (lost) instead of taking another. */
const maxLosses = 10;

/** Looks for dead workers now and then. */
export class LeaseReaper {
  readonly #options: LeaseReaperOptions;
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: LeaseReaperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** One sweep over all dead workers. @param given up workers that count as dead, too @returns the number of runs taken back */
  async reap(given: readonly WorkerId[] = []): Promise<number> {
    const { store, isProcessDead, noticesOf } = this.#options;
    const told = noticesOf === undefined ? {} : { noticesOf };
    const dead = (await store.listWorkers()).filter((worker) => isProcessDead(worker.process));
    const deadWorkerIds = [...given, ...dead.map(({ workerId }) => workerId)];
    let total = 0;
    for (;;) {
      await this.#options.clock.turn?.();
      const runs = await store.reap({ limit: reapBatch, deadWorkerIds, maxLosses, ...told });
      total += runs.length;
      if (runs.length < reapBatch) return total;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#options.clock.sleep(this.#options.everyMs, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      try {
        const reaped = await this.reap();
        if (reaped > 0) this.#options.onReaped(reaped);
      } catch (error) {
        this.#options.onError(classifyError(error));
      }
    }
  }
}

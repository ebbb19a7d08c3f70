// A place in which the real Worker runs in one simulated process after another.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { JobData } from "../../../src/core/job/job-context.ts";
import type { RunEnd } from "../../../src/orchestrator/worker/run-executor.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import type { WorkerProcess } from "../../../src/store/rows/run-records.ts";
import type { ProcessSlot } from "./chaos.ts";
import type { EventLoop } from "./event-loop.ts";
import { createScriptedRegistry } from "./scripted-job.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationRandom } from "./simulation-random.ts";
import type { SimulationTrace } from "./simulation-trace.ts";
import type { Store } from "../../../src/store/store.ts";

export interface WorkerSlotOptions {
  readonly name: string;
  readonly loop: EventLoop;
  readonly random: SimulationRandom;
  readonly trace: SimulationTrace;
  readonly connect: (process: SimulatedProcess) => Store;
  readonly nextPid: () => number;
  readonly isProcessDead: (process: WorkerProcess) => boolean;
  readonly notify: (process: SimulatedProcess, end: RunEnd) => void;
  readonly slots: number;
  readonly leaseTtlMs: number;
  readonly pollMs: number;
}

/** Starts a worker, and another when it is gone. */
export class WorkerSlot implements ProcessSlot {
  readonly slots: number;
  readonly #options: WorkerSlotOptions;
  #process: SimulatedProcess | undefined;
  #worker: Worker | undefined;
  #executing = 0;
  #isForbidden = false;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.slots = options.slots;
  }

  get isBusy(): boolean {
    return this.#process?.isAlive === true && this.#executing > 0;
  }

  get current(): SimulatedProcess | undefined {
    return this.#process;
  }

  /** Starts the first process in a while. */
  start(afterMs: number): void {
    this.#restart(afterMs);
  }

  /** Ends its process, and starts none until it is allowed again. */
  forbid(): void {
    this.#isForbidden = true;
    this.#process?.kill();
  }

  allow(): void {
    if (!this.#isForbidden) return;
    this.#isForbidden = false;
    this.#restart(1);
  }

  #start(): void {
    const { loop, name, trace, nextPid } = this.#options;
    const process = new SimulatedProcess(loop, name, nextPid());
    const worker = this.#createWorker(process);
    this.#process = process;
    this.#executing = 0;
    this.#worker = worker;
    trace.add(process.name, "starts");
    worker.start().catch((error: unknown) => {
      trace.add(process.name, `cannot start: ${error instanceof MillraceError ? error.code : String(error)}`);
      if (process.isAlive) this.crash(500);
    });
  }

  crash(restartAfterMs: number): void {
    this.#process?.kill();
    this.#restart(restartAfterMs);
  }

  stop(restartAfterMs: number): void {
    const process = this.#process;
    const exit = (how: string): void => {
      if (process === undefined || !process.isAlive) return;
      this.#options.trace.add(process.name, how);
      this.crash(restartAfterMs);
    };
    process?.execute(() => {
      this.#worker?.stop().then(
        () => exit("exits"),
        (error: unknown) => exit(`exits: ${error instanceof MillraceError ? error.code : String(error)}`),
      );
    });
    // A process that does not exit in time is killed.
    this.#options.loop.after(30_000, () => exit("is killed"));
  }

  #restart(afterMs: number): void {
    this.#worker = undefined;
    this.#options.loop.after(afterMs, () => {
      if (this.#process?.isAlive !== true && !this.#isForbidden) this.#start();
    });
  }

  #createWorker(process: SimulatedProcess): Worker {
    const { random, connect, isProcessDead, notify, slots, leaseTtlMs, pollMs } = this.#options;
    const stream = random.fork(process.name);
    return new Worker({
      store: connect(process),
      clock: process.clock,
      random: () => stream.next(),
      registry: createScriptedRegistry(process.clock, (change) => {
        this.#executing += process === this.#process ? change : 0;
      }),
      services: { serviceProvider: "LOCAL", hasSpark: false, createData: () => noData, resolvePath: (path) => path },
      configOf: () => ({}),
      notify: async (end) => notify(process, end),
      process: process.identity,
      isProcessDead,
      slots,
      onError: () => undefined,
      leaseTtlMs,
      pollMs,
      windDownMs: 1_000,
    });
  }
}

const noData: JobData = {
  publish: () => Promise.reject(new Error("simulated jobs write no datasets")),
  dataset: () => Promise.reject(new Error("simulated jobs read no datasets")),
  query: () => Promise.reject(new Error("simulated jobs read no datasets")),
  credentials: () => Promise.reject(new Error("simulated jobs read no datasets")),
  topic: () => Promise.reject(new Error("simulated jobs read no datasets")),
  hasPublished: () => Promise.reject(new Error("simulated jobs read no datasets")),
  rekey: () => Promise.reject(new Error("simulated jobs read no datasets")),
  mapReduce: () => Promise.reject(new Error("simulated jobs read no datasets")),
  vacuum: () => Promise.reject(new Error("simulated jobs have no datasets")),
  optimize: () => Promise.reject(new Error("simulated jobs have no datasets")),
  quarantine: {
    release: () => Promise.reject(new Error("simulated jobs read no datasets")),
    remove: () => Promise.reject(new Error("simulated jobs read no datasets")),
  },
};

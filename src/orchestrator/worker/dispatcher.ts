// The claim loop of one worker: as many runs as there are free slots, in one round trip, then wait for a reason to look again.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { ClaimedRun, WorkerId } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import type { Execution, RunControl } from "./execution.ts";
import type { Care } from "./suspects.ts";
import type { Wake } from "../upkeep/wake.ts";
import { YieldPoint } from "../attempt/yield-point.ts";

export interface DispatcherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wake: Wake;
  /** Runs held at once, from the claim until the end is recorded. */
  readonly slots: number;
  /** Places beside the slots for runs that have no end of their own: neither waits for the other. Default: they take slots. */
  readonly standing?: StandingPlaces;
  /** Jobs this process has the code of; runs of others are left alone. */
  readonly jobs: ReadonlySet<string>;
  /** Whether only runs that are bound to this worker are claimed. */
  readonly onlyBound?: boolean;
  /** Longest wait before the store is asked again; the wait is spread over 50–100 % of it. */
  readonly pollMs: number;
  readonly execute: (run: ClaimedRun, control: RunControl) => Promise<void>;
  /** Gives a run back that has not begun. */
  readonly release: (run: ClaimedRun) => Promise<void>;
  /** What a run is owed that was aboard when a worker died. */
  readonly careFor: (run: ClaimedRun) => Care;
  /** Told about a store that cannot be reached; the loop goes on by itself. */
  readonly onError: (error: MillraceError) => void;
}

/** For workers of streams. */
export interface StandingPlaces {
  readonly jobs: ReadonlySet<string>;
  readonly places: number;
}

interface StartOptions {
  readonly execute?: DispatcherOptions["execute"];
  readonly turn?: Promise<void>;
}

const promoteBatch = 1_000;

/** Due runs are looked for this often while there is other work; an idle loop knows when the next one is due. */
const promoteEveryMs = 100;

/**
 * A worker with at least this many slots claims half of them at a time: the store hands out one half while it records how the
 * other ended. Before a smaller claim the dispatcher waits a moment, so that runs that end together are claimed for in one batch.
 */
const manySlots = 32;
const gatherMs = 3;
/** Turns of the promise queue in which ends that were recorded together are all known. */
const turnsOfBatch = 16;

/** How often the store is told what is executed here, also when no answer got lost. */
const reconcileEveryMs = 10_000;

/** Claims ready runs and keeps at most `slots` of them executing. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  // Not by run: one whose end is still being recorded may be claimed again here before its first execution is over.
  readonly #running = new Set<Execution>();
  #workerId: WorkerId;
  #stopping = false;
  readonly #stopped = Promise.withResolvers<void>();
  #reconcileAtMs = 0;
  #promoteAtMs = 0;
  #lastTenant: string | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: DispatcherOptions, workerId: WorkerId) {
    this.#options = options;
    this.#workerId = workerId;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Claims for another worker id from now on, after the first was declared dead. */
  useWorker(workerId: WorkerId): void {
    this.#workerId = workerId;
    this.#options.wake.notify();
  }

  /** What executes now. */
  get executions(): Iterable<Execution> {
    return this.#running;
  }

  get workerId(): WorkerId {
    return this.#workerId;
  }

  /** Aborts every handler with `reason`. */
  abortAll(reason: MillraceError): void {
    for (const { control } of this.#running) control.abort(reason);
  }

  /** Claims nothing more, aborts the handlers with `reason` and resolves when the last has ended. */
  async stop(reason: MillraceError): Promise<void> {
    this.#stopping = true;
    this.#stopped.resolve();
    this.#options.wake.notify();
    await this.#loop;
    this.abortAll(reason);
    await Promise.all([...this.#running].map(({ done }) => done));
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping) {
      try {
        // Runs that are over at once would keep this loop going without a turn.
        await this.#options.clock.turn?.();
        const waitMs = await this.#claimOnce();
        failures = 0;
        if (waitMs > 0) await this.#options.wake.wait(waitMs);
      } catch (error) {
        failures += 1;
        this.#options.onError(classifyError(error));
        await this.#options.wake.wait(Math.min(100 * 2 ** failures, 5_000));
      }
    }
  }

  // Returns how long to wait before the next look; 0 when there may be more.
  async #claimOnce(): Promise<number> {
    const { store, clock, jobs, onlyBound = false } = this.#options;
    await this.#gatherSlots();
    const free = Math.min(this.#freeSlots(), this.#batch);
    const freeStanding = this.#freeStanding();
    const reconcileAtMs = this.#reconcileAtMs;
    const isReconciling = hasCome(reconcileAtMs, reconcileEveryMs, clock.now());
    if (free === 0 && freeStanding === 0 && !isReconciling) return this.#jitteredPollMs();
    await this.#promoteDue();
    const executing = isReconciling ? { executing: [...this.#running].map(({ fence }) => fence) } : {};
    // When the answer gets lost the store may have leased runs that this worker does not know of: the next claim tells.
    this.#reconcileAtMs = 0;
    const turn = this.#lastTenant === undefined ? {} : { afterTenant: this.#lastTenant };
    const claim = { workerId: this.#workerId, onlyBound };
    const ending =
      free === 0 && !isReconciling
        ? []
        : await store.claim({ ...claim, limit: free, jobs: this.#endingJobs, ...turn, ...executing });
    const standing =
      freeStanding === 0
        ? []
        : await store.claim({ ...claim, limit: freeStanding, jobs: this.#options.standing?.jobs ?? jobs });
    const runs = [...ending, ...standing];
    this.#lastTenant = ending.at(-1)?.tenant ?? this.#lastTenant;
    this.#reconcileAtMs = isReconciling ? clock.now() + reconcileEveryMs : reconcileAtMs;
    const { alone = [], others = [] } = Object.groupBy(runs, (run) =>
      this.#options.careFor(run) === "alone" ? "alone" : "others",
    );
    for (const run of others) this.#start(run);
    await this.#executeAlone(alone);
    return free > 0 && ending.length === free ? 0 : this.#msUntilDue();
  }

  get #batch(): number {
    const { slots } = this.#options;
    return slots < manySlots ? slots : Math.ceil(slots / 2);
  }

  #freeSlots(): number {
    return Math.max(0, this.#options.slots - this.#running.size + this.#standing());
  }

  #freeStanding(): number {
    const { standing } = this.#options;
    return standing === undefined || standing.jobs.size === 0 ? 0 : Math.max(0, standing.places - this.#standing());
  }

  /** Those that take no slot. */
  #standing(): number {
    let standing = 0;
    for (const { isStanding } of this.#running) if (isStanding) standing += 1;
    return standing;
  }

  // A set that the worker fills: its registry may be replaced.
  get #endingJobs(): ReadonlySet<string> {
    const { jobs, standing } = this.#options;
    return standing === undefined || standing.jobs.size === 0
      ? jobs
      : new Set([...jobs].filter((job) => !standing.jobs.has(job)));
  }

  async #gatherSlots(): Promise<void> {
    const { slots, clock } = this.#options;
    if (slots < manySlots || this.#freeSlots() >= this.#batch) return;
    for (let turn = 0; turn < turnsOfBatch; turn += 1) await Promise.resolve();
    const free = this.#freeSlots();
    if (free > 0 && free < this.#batch) await clock.sleep(gatherMs);
  }

  // What may kill this worker gets it for itself: it begins when all else has ended, and until its own end nothing is claimed.
  // While it waits it is held as any other is, so a person can stop it.
  async #executeAlone([next, ...others]: readonly ClaimedRun[]): Promise<void> {
    if (next === undefined) return;
    for (const run of others) this.#start(run, { execute: this.#options.release });
    const turn = Promise.withResolvers<void>();
    const execution = this.#start(next, { turn: turn.promise });
    await this.#untilAlone(execution);
    if (!this.#stopping) turn.resolve();
    await Promise.race([execution.done, this.#stopped.promise]);
  }

  async #untilAlone(execution: Execution): Promise<void> {
    const own = Promise.race([execution.done, this.#stopped.promise]);
    while (this.#running.has(execution) && !this.#stopping) {
      // Those that have no end of their own are not waited for.
      const others = [...this.#running].filter((running) => running !== execution && !running.isStanding);
      if (others.length === 0) return;
      await Promise.race([own, Promise.all(others.map(({ done }) => done))]);
    }
  }

  #start(run: ClaimedRun, { execute = this.#options.execute, turn }: StartOptions = {}): Execution {
    const control = new AbortController();
    const yieldPoint = new YieldPoint(this.#options.clock);
    const done = execute(run, { control, yieldPoint, ...(turn === undefined ? {} : { turn }) })
      .catch((error: unknown) => this.#options.onError(classifyError(error)))
      .finally(() => {
        this.#running.delete(execution);
        this.#options.wake.notify();
      });
    const fence = { runId: run.runId, epoch: run.epoch };
    const isStanding = this.#options.standing?.jobs.has(run.job) ?? false;
    const execution: Execution = { fence, control, yieldPoint, done, isStanding };
    this.#running.add(execution);
    return execution;
  }

  async #promoteDue(): Promise<void> {
    const { store, clock } = this.#options;
    if (!hasCome(this.#promoteAtMs, promoteEveryMs, clock.now())) return;
    const moved = await store.promote(promoteBatch);
    this.#promoteAtMs = moved === promoteBatch ? 0 : clock.now() + promoteEveryMs;
  }

  async #msUntilDue(): Promise<number> {
    const dueInMs = await this.#options.store.nextDueInMs();
    const pollMs = this.#jitteredPollMs();
    if (dueInMs === undefined) return pollMs;
    const waitMs = Math.max(1, dueInMs);
    // When that time has come the next look promotes, however soon it is.
    if (waitMs <= pollMs) this.#promoteAtMs = 0;
    return Math.min(pollMs, waitMs);
  }

  #jitteredPollMs(): number {
    return this.#options.pollMs * (0.5 + this.#options.random() / 2);
  }
}

// A time that was set `everyMs` ahead and is further away than that was set by a clock that has been set back since.
function hasCome(atMs: number, everyMs: number, nowMs: number): boolean {
  return nowMs >= atMs || atMs - nowMs > everyMs;
}

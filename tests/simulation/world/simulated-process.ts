// One life of a simulated process: its view of the clock, and what becomes of its events while it is stopped or after it died.
import type { Clock } from "../../../src/core/clock.ts";
import type { WorkerProcess } from "../../../src/store/rows/run-records.ts";
import type { EventLoop, Timer } from "./event-loop.ts";

/** `main` is the thread of the event loop; `heartbeat` goes on while the main thread is blocked. */
export type SimulatedThread = "main" | "heartbeat";

/** A process that lives until it crashes or exits; a restart is another one. */
export class SimulatedProcess {
  readonly name: string;
  readonly identity: WorkerProcess;
  readonly clock: Clock;
  /** How far its clock is from the true time. */
  skewMs = 0;
  isPartitioned = false;
  /** When something last kept it from being prompt: it was stopped, or a call failed or took long. */
  troubledAtMs = 0;
  readonly #loop: EventLoop;
  #isAlive = true;
  #isFrozen = false;
  #blockedSinceMs: number | undefined;
  #held: { readonly thread: SimulatedThread; readonly work: () => void }[] = [];

  constructor(loop: EventLoop, name: string, pid: number) {
    this.#loop = loop;
    this.name = `${name}.${pid}`;
    this.identity = { host: "simulated", bootId: "boot", pid, startTicks: String(pid) };
    this.clock = { now: () => Math.floor(loop.nowMs) + this.skewMs, sleep: (ms, signal) => this.#sleep(ms, signal) };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isRunning(): boolean {
    return this.#isAlive && !this.#isFrozen && this.#blockedSinceMs === undefined;
  }

  /** How long the main thread has not run. */
  get blockedForMs(): number {
    return this.#blockedSinceMs === undefined ? 0 : this.#loop.nowMs - this.#blockedSinceMs;
  }

  /** Schedules work of this process: later when it is stopped by then, never when it is dead. */
  after(delayMs: number, work: () => void, thread: SimulatedThread = "main"): Timer {
    return this.#loop.after(delayMs, () => this.execute(work, thread));
  }

  execute(work: () => void, thread: SimulatedThread = "main"): void {
    if (!this.#isAlive) return;
    if (this.#isFrozen || (thread === "main" && this.#blockedSinceMs !== undefined)) this.#held.push({ thread, work });
    else work();
  }

  /** Ends it at this instant: nothing of it happens any more. */
  kill(): void {
    this.#isAlive = false;
    this.#held = [];
  }

  /** SIGSTOP: all of it stands still, the heartbeat included. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** The main thread computes without a pause; the heartbeat's thread goes on. */
  block(): void {
    this.#blockedSinceMs ??= this.#loop.nowMs;
  }

  /** Ends a stop or a block; what was due meanwhile happens now, in order. */
  wake(): void {
    this.#isFrozen = false;
    this.#blockedSinceMs = undefined;
    this.troubledAtMs = this.#loop.nowMs;
    const held = this.#held;
    this.#held = [];
    // One event each, so that promise jobs run between them as they would in the real loop.
    for (const { thread, work } of held) this.after(0, work, thread);
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const onAbort = (): void => {
        timer.cancel();
        resolve();
      };
      // Timers of Node wait for at least 1 ms, and time must pass in every loop.
      const timer = this.after(Math.max(1, ms), () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}

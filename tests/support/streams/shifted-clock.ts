// The time of the machine, put forward or back as a test says; whoever sleeps sleeps as long as it takes.
import type { Clock } from "../../../src/core/clock.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";

export class ShiftedClock implements Clock {
  readonly #system = createSystemClock();
  #shiftMs = 0;

  now(): number {
    return this.#system.now() + this.#shiftMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#system.sleep(ms, signal);
  }

  turn(): Promise<void> | undefined {
    return this.#system.turn?.();
  }

  shift(ms: number): void {
    this.#shiftMs += ms;
  }
}

// A latch between those who make work and the loop that claims it: a wake that comes while nobody waits is not lost.
import type { Clock } from "../../core/clock.ts";

/** Wakes one waiting loop. */
export class Wake {
  readonly #clock: Pick<Clock, "sleep">;
  #signalled = false;
  #waiting: AbortController | undefined;

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** Ends the current wait, or makes the next one return at once. */
  notify(): void {
    if (this.#signalled) return;
    this.#signalled = true;
    // A reason of its own spares the making of an error with a stack.
    this.#waiting?.abort("woken");
  }

  /** Resolves at the next `notify`, at once when one came since the last wait, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#signalled && timeoutMs > 0) {
      this.#waiting = new AbortController();
      await this.#clock.sleep(timeoutMs, this.#waiting.signal);
      this.#waiting = undefined;
    }
    this.#signalled = false;
  }
}

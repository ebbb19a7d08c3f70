// Whether a loop is to end soon: its run was asked to pause, its partition is to be given back, or all is over at once.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** Looked at between records; waits end with it. */
export class LeaveSign {
  readonly #clock: Clock;
  readonly #control = new AbortController();
  readonly #now: AbortSignal;

  /** @param now aborts when not even what is in hand may be finished */
  constructor(clock: Clock, now: AbortSignal) {
    this.#clock = clock;
    this.#now = now;
    if (now.aborted) this.#control.abort(now.reason);
    now.addEventListener("abort", () => this.#control.abort(now.reason), { once: true, signal: this.#control.signal });
  }

  /** Aborts when the loop is to end. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  get isSet(): boolean {
    return this.#control.signal.aborted;
  }

  /** Whether what is in hand is dropped. */
  get isOver(): boolean {
    return this.#now.aborted;
  }

  /** Asks the loop to end when what is in hand is done. */
  set(): void {
    this.#control.abort(new LeftError());
  }

  /** @throws what `signal` aborts with when the loop is to end meanwhile */
  async wait(ms: number): Promise<void> {
    this.#control.signal.throwIfAborted();
    await this.#clock.sleep(ms, this.#control.signal);
    this.#control.signal.throwIfAborted();
  }
}

/** A record was left before it was done; nothing of it is written. */
export class LeftError extends MillraceError {
  constructor() {
    super("RUN_RELEASED", "the partition is given back; the record is handled by the next owner");
  }
}

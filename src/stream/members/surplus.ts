// Whether a run that was started because much waited is one too many now: nothing waited for it, and it did nothing, for a while.
import type { Clock } from "../../core/clock.ts";

const provenAfterMs = 60_000;

/** Of one run. */
export class Surplus {
  readonly #clock: Clock;
  readonly #mayEnd: boolean;
  #sinceMs: number | undefined;
  #records = 0;

  /** @param mayEnd false for a run that is to be there whether or not something waits */
  constructor(clock: Clock, mayEnd: boolean) {
    this.#clock = clock;
    this.#mayEnd = mayEnd;
  }

  /** Whether the run may end. */
  get isProven(): boolean {
    return this.#mayEnd && this.#sinceMs !== undefined && this.#clock.now() - this.#sinceMs >= provenAfterMs;
  }

  /** @param records done so far @param lag those that wait for it */
  note(records: number, lag: number): void {
    const isIdle = lag === 0 && records === this.#records;
    this.#records = records;
    if (!isIdle) this.#sinceMs = undefined;
    else this.#sinceMs ??= this.#clock.now();
  }
}

// Makes a handler leave before its end: at its next safe place when it is asked to pause, or at a durable wait.
// After that, every further use of its context tells it to leave again, and how it ends no longer counts.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { DurableWait } from "../../core/job/durable-wait.ts";

/** Where one attempt may be left. */
export class YieldPoint {
  #pausedBy: string | undefined;
  #thrown: MillraceError | undefined;
  #onPause: ((by: string) => void) | undefined;
  readonly #clock: Pick<Clock, "turn"> | undefined;

  constructor(clock?: Pick<Clock, "turn">) {
    this.#clock = clock;
  }

  /** A turn of the event loop, when one is due; see `Clock.turn`. */
  turn(): Promise<void> | undefined {
    return this.#clock?.turn?.();
  }

  /** Somebody asks the handler to yield. */
  requestPause(by: string): void {
    if (this.#pausedBy !== undefined) return;
    this.#pausedBy = by;
    this.#onPause?.(by);
  }

  /** Whether somebody asked. */
  get isPauseRequested(): boolean {
    return this.#pausedBy !== undefined;
  }

  /** Passes the request on to where the handler runs, at once when it came already. */
  forwardPause(listener: (by: string) => void): void {
    this.#onPause = listener;
    if (this.#pausedBy !== undefined) listener(this.#pausedBy);
  }

  /** What the handler was told to leave with, if it was. */
  get thrown(): MillraceError | undefined {
    return this.#thrown;
  }

  /** For uses of the context that are no safe places. @throws MillraceError `RUN_PAUSED` | `RUN_SNOOZED` when the handler was told already */
  assertOpen(): void {
    if (this.#thrown !== undefined) throw this.#thrown;
  }

  /** For safe places. @throws MillraceError `RUN_PAUSED` | `RUN_SNOOZED` when the handler shall leave */
  safePlace(): void {
    this.assertOpen();
    if (this.#pausedBy === undefined) return;
    this.#thrown = new MillraceError("RUN_PAUSED", `run was paused by ${this.#pausedBy}`);
    throw this.#thrown;
  }

  /** Gives the worker back for that time. @throws MillraceError `RUN_SNOOZED` | `RUN_PAUSED`, always */
  giveBack(delayMs: number, wait: DurableWait): never {
    this.safePlace();
    const message = "the run waits and gave its worker back";
    this.#thrown = new MillraceError("RUN_SNOOZED", message, { retryAfterMs: delayMs, details: { wait } });
    throw this.#thrown;
  }
}

// A time after which a command no longer waits.
import { createSystemClock } from "../../platforms/local/system-clock.ts";

export interface Deadline extends Disposable {
  /** Aborts when the time is up; never for one that was not given. */
  readonly signal: AbortSignal;
}

/** Starts a deadline of any length. Disposing it lets the process end before. */
export function startDeadline(timeoutMs: number | undefined): Deadline {
  const reached = new AbortController();
  const over = new AbortController();
  if (timeoutMs !== undefined) {
    void createSystemClock()
      .sleep(timeoutMs, over.signal)
      .then(() => {
        if (!over.signal.aborted) reached.abort();
      });
  }
  return { signal: reached.signal, [Symbol.dispose]: () => over.abort() };
}

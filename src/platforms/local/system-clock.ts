// The clock of this machine.
import type { Clock } from "../../core/clock.ts";

/** The longest wait of one timer: with more, Node waits for one millisecond. */
const maxTimerMs = 2_147_483_647;

/** Real time. A sleep may be of any length, also of more than the 24.8 days that one timer can wait. */
export function createSystemClock(): Clock {
  return { now: () => Date.now(), sleep };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) return Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restMs = ms;
  const finish = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", finish);
    resolve();
  };
  const wait = (): void => {
    const partMs = Math.min(restMs, maxTimerMs);
    restMs -= partMs;
    timer = setTimeout(restMs > 0 ? wait : finish, partMs);
  };
  wait();
  signal?.addEventListener("abort", finish, { once: true });
  return promise;
}

// The clock of this machine.
import type { Clock } from "../../core/clock.ts";

/** Real time. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (signal?.aborted === true) return Promise.resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      // setTimeout takes at most 2^31 - 1 ms; callers loop on their own deadline.
      const timer = setTimeout(finish, Math.min(ms, 2_147_483_647));
      signal?.addEventListener("abort", finish, { once: true });
      return promise;
    },
  };
}

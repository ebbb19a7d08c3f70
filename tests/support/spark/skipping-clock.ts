// A clock whose short pauses take no time, and are recorded; long ones last until the test lets them pass, or their signal aborts.
import type { Clock } from "../../../src/core/clock.ts";

export interface SkippingClock extends Clock {
  /** Pauses that took no time. */
  readonly pauses: readonly number[];
  /** Lets time pass, and with it the long pauses that end by then. */
  pass(ms: number): void;
  /** Resolves when something waits for a long time. */
  longPause(): Promise<void>;
}

/** @param longMs pauses from this on are long */
export function createSkippingClock(longMs = 100_000): SkippingClock {
  let now = 0;
  const pauses: number[] = [];
  const waiting = new Set<{ readonly until: number; readonly resolve: () => void }>();
  let begun = Promise.withResolvers<void>();
  return {
    pauses,
    now: () => now,
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) return;
      if (ms < longMs) {
        pauses.push(ms);
        now += ms;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const pause = { until: now + ms, resolve };
      waiting.add(pause);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      begun.resolve();
      await promise;
      waiting.delete(pause);
      begun = Promise.withResolvers();
    },
    pass: (ms) => {
      now += ms;
      for (const { until, resolve } of waiting) if (until <= now) resolve();
    },
    longPause: async () => await begun.promise,
  };
}

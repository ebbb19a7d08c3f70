// Time of a test of streams: it stands still, loops look again at once, and whoever waits for a moment is woken when the test moves there.
import type { TestClock } from "../test-clock.ts";

/** Sleeps of loops that look again and again; longer ones are waits for a moment, or timeouts. */
const longestLookMs = 100;
const lookMs = 3;

/** The clock with sleeps that end when time is moved past them; timeouts of what hangs still pass in real time. */
export function createStreamClock(clock: TestClock): TestClock {
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    ...clock,
    sleep: async (ms, signal) => {
      if (ms <= longestLookMs) return await clock.sleep(Math.min(ms, lookMs), signal);
      const over = new AbortController();
      const wake = (): void => over.abort();
      const sleeper = { untilMs: clock.now() + ms, wake };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
      if (signal?.aborted === true) wake();
      await clock.sleep(ms, over.signal);
      signal?.removeEventListener("abort", wake);
      sleepers.delete(sleeper);
    },
    skipTo: (atMs) => {
      clock.skipTo(atMs);
      for (const { untilMs, wake } of sleepers) if (untilMs <= clock.now()) wake();
    },
  };
}

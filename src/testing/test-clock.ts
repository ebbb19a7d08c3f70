// Time of a test: it stands still while jobs execute, and is moved to the moment that something is due.
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { createSystemClock } from "../platforms/local/system-clock.ts";

/** A clock that tells the time it was given. Timeouts of jobs that hang still pass in real time. */
export interface TestClock extends Clock {
  /** Moves time forward; a moment that has passed changes nothing. */
  skipTo(atMs: number): void;
}

/** @throws MillraceError `VALUE_INVALID` for what is no moment */
export function createTestClock(now: string | number | Date | undefined): TestClock {
  let nowMs = now === undefined ? Date.now() : new Date(now).getTime();
  if (Number.isNaN(nowMs)) {
    throw new MillraceError("VALUE_INVALID", `expected \`now\` to be a moment, got: \`${String(now)}\``, {
      hint: 'write an instant such as "2026-01-31T06:00:00Z"',
    });
  }
  return {
    ...createSystemClock(),
    now: () => nowMs,
    skipTo: (atMs) => {
      nowMs = Math.max(nowMs, atMs);
    },
  };
}

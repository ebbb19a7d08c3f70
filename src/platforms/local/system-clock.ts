// The clock of this machine.
import type { Clock } from "../../core/clock.ts";

/** How long promise jobs may keep the event loop of this thread from its timers and sockets. */
const maxTurnMs = 10;

// Of the thread, since all that runs in it shares one loop.
let turnBeganAtMs: number | undefined;
let nextTurn: Promise<void> | undefined;

/** Real time. */
export function createSystemClock(): Clock {
  return {
    turn: takeTurn,
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

// A turn begins with the first question in it, and ends when the loop comes to its immediates.
function takeTurn(): Promise<void> | undefined {
  const nowMs = performance.now();
  if (turnBeganAtMs !== undefined) return nowMs - turnBeganAtMs < maxTurnMs ? undefined : nextTurn;
  turnBeganAtMs = nowMs;
  nextTurn = new Promise((resolve) => {
    setImmediate(() => {
      turnBeganAtMs = undefined;
      resolve();
    });
  });
  return undefined;
}

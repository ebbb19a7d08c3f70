// The clock of this machine.
import type { Clock } from "../../core/clock.ts";

/** The longest wait of one timer: with more, Node waits for one millisecond. */
const maxTimerMs = 2_147_483_647;

/** How long promise jobs may keep the event loop of this thread from its timers and sockets. */
const maxTurnMs = 10;

// This is state of the thread, since all that runs in it shares one event loop.
let turnBeganAtMs: number | undefined;
let nextTurn: Promise<void> | undefined;

/** Real time. A sleep may be of any length, also of more than the 24.8 days that one timer can wait. */
export function createSystemClock(): Clock {
  return { turn: takeTurn, now: () => Date.now(), sleep };
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

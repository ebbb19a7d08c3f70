// Tells the time of the server. Ages and countdowns are counted from it, so that a browser with a wrong clock shows no
// run that begins in the future. One ticking timer serves every component that shows time.
import { useSyncExternalStore } from "react";

let offsetMs = 0;

/** Remembers how far this clock is from the server's. Differences below a second are the way of the answer. */
export function setServerClock(serverNow: string, localNowMs: number = Date.now()): void {
  const differenceMs = Date.parse(serverNow) - localNowMs;
  if (Number.isNaN(differenceMs)) return;
  offsetMs = Math.abs(differenceMs) < 1_000 ? 0 : differenceMs;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNowMs(): number {
  return Date.now() + offsetMs;
}

/** The server's time, anew each second. Text that changes less often costs nothing more: React compares it. */
export function useServerNow(): number {
  return useSyncExternalStore(subscribe, readTick, readTick);
}

const tickMs = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = serverNowMs();

function readTick(): number {
  return tick;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  tick = timer === undefined ? serverNowMs() : tick;
  timer ??= setInterval(() => {
    tick = serverNowMs();
    for (const each of listeners) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

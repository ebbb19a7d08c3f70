// Lets the heartbeat's thread see that the main thread lives: both share a few bytes of memory, which the main thread
// keeps changing.
import type { WorkerId } from "./rows/run-records.ts";

export interface HeartbeatPulse {
  readonly workerId: WorkerId;
  readonly ttlMs: number;
  readonly wedgedAfterMs: number;
  /** [0] is counted up by the main thread; [1] becomes 1 when the thread shall end. */
  readonly shared: Int32Array;
}

/** The worker's row is no longer active. */
export type HeartbeatThreadMessage = "lost";

export const pulseIndex = 0;
export const stopIndex = 1;

/** Tells whether the main thread did not run for `wedgedAfterMs`, as far as it was asked meanwhile. */
export function createWedgeDetector({ shared, wedgedAfterMs }: HeartbeatPulse): () => boolean {
  let pulse = Atomics.load(shared, pulseIndex);
  let pulseAt = performance.now();
  return () => {
    const current = Atomics.load(shared, pulseIndex);
    if (current !== pulse) [pulse, pulseAt] = [current, performance.now()];
    return performance.now() - pulseAt > wedgedAfterMs;
  };
}

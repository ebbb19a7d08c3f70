// The heartbeat of a simulated process, in virtual time against the real table: it beats every third of the TTL from its
// own thread, pauses while the main thread is wedged, and tells once when the store no longer counts the worker.
import type { Heartbeat, HeartbeatOptions } from "../../../src/store/claim/work-store.ts";
import type { EventLoop, Timer } from "./event-loop.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export interface SimulatedHeartbeatOptions extends HeartbeatOptions {
  readonly loop: EventLoop;
  readonly process: SimulatedProcess;
  readonly isStoreDown: () => boolean;
  readonly latencyMs: () => number;
  /** Prolongs the worker's row at this instant. @returns what the row is afterwards */
  readonly beat: () => "active" | "retired" | "dead";
}

/** Starts beating. */
export function startSimulatedHeartbeat(options: SimulatedHeartbeatOptions): Heartbeat {
  const { loop, process, workerId, ttlMs, wedgedAfterMs, onLost } = options;
  let isBeating = true;
  let timer: Timer | undefined;
  const schedule = (): void => {
    timer = process.after(ttlMs / 3, beat, "heartbeat");
  };
  const beat = (): void => {
    if (!isBeating) return;
    schedule();
    if (process.blockedForMs > wedgedAfterMs) return;
    loop.after(options.latencyMs(), () => {
      // A store that cannot be reached says nothing about the row.
      if (!isBeating || !process.isAlive || process.isPartitioned || options.isStoreDown()) return;
      const state = options.beat();
      if (state === "active") return;
      isBeating = false;
      timer?.cancel();
      if (state === "dead") process.execute(onLost);
    });
  };
  schedule();
  return {
    workerId,
    [Symbol.asyncDispose]: () => {
      isBeating = false;
      timer?.cancel();
      return Promise.resolve();
    },
  };
}

// Time as a parameter, so that the engine can be tested and simulated without waiting.

/** A source of time. Production code gets the system's, tests get one they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * For loops whose steps may all be answered at once: `undefined` while the event loop had a turn lately, else what resolves
   * after its next one. Left out where time does not pass by itself.
   */
  turn?(): Promise<void> | undefined;
}

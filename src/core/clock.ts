// Time as a parameter, so that the engine can be tested and simulated without waiting.

/** A source of time. Production code gets the system's, tests get one they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

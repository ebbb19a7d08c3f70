// When to try a call again: the policy of the official clients, with time and chance given from outside.
// @see https://github.com/apache/spark/blob/master/python/pyspark/sql/connect/client/retries.py
import type { Clock } from "../../../core/clock.ts";

/** How long and how often to try. */
export interface RetryPolicy {
  /** Tries after the first one, while no response comes. */
  readonly maxRetries: number;
  readonly firstDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** Chance adds up to this, once a delay is `jitterFromMs`, so that clients do not all come at the same moment. */
  readonly jitterMs: number;
  readonly jitterFromMs: number;
  /** What a server asks for overrides the delay up to this. */
  readonly maxServerDelayMs: number;
}

/** For work that has begun: about ten minutes. */
export const patientPolicy: RetryPolicy = {
  maxRetries: 15,
  firstDelayMs: 50,
  multiplier: 4,
  maxDelayMs: 60_000,
  jitterMs: 500,
  jitterFromMs: 2_000,
  maxServerDelayMs: 600_000,
};

/** For the first contact: about twenty seconds, because an address may be wrong. */
export const firstContactPolicy: RetryPolicy = { ...patientPolicy, maxRetries: 5 };

export interface Chance {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Counts the failures in a row of one piece of work. */
export class RetryBackoff {
  readonly #policy: RetryPolicy;
  readonly #chance: Chance;
  #failures = 0;

  constructor(policy: RetryPolicy, chance: Chance) {
    this.#policy = policy;
    this.#chance = chance;
  }

  /** A response came: the next failure is the first one again. */
  reset(): void {
    this.#failures = 0;
  }

  /**
   * Waits for the next try, less long when `signal` aborts.
   * @param serverDelayMs what the server asked for
   * @returns `false` at once when there is none
   */
  async wait(serverDelayMs: number | undefined, signal?: AbortSignal): Promise<boolean> {
    const { maxRetries, firstDelayMs, multiplier, maxDelayMs, jitterMs, jitterFromMs, maxServerDelayMs } = this.#policy;
    if (this.#failures >= maxRetries) return false;
    let delayMs = Math.min(maxDelayMs, firstDelayMs * multiplier ** this.#failures);
    this.#failures += 1;
    if (serverDelayMs !== undefined) delayMs = Math.max(delayMs, Math.min(serverDelayMs, maxServerDelayMs));
    if (delayMs >= jitterFromMs) delayMs += this.#chance.random() * jitterMs;
    await this.#chance.clock.sleep(delayMs, signal);
    return true;
  }
}

// When a failed attempt is tried again. Reads `disposition` of the error and nothing else about it.
import { type Duration, parseDuration } from "./duration.ts";
import { MillraceError } from "./errors.ts";

export interface RetryPolicyOptions {
  /** Further attempts after the first; 0 to 100. Default 3. */
  readonly maxRetries?: number;
  /** Wait before the first retry. Default `"5m"`. */
  readonly baseDelay?: Duration;
  /** No wait is longer. Default `"4h"`. */
  readonly maxDelay?: Duration;
  /** `exponential` doubles the wait at each retry. Default `exponential`. */
  readonly backoff?: "constant" | "exponential";
  /** Spreads each wait over 50–100 % of its length, so that runs which failed together do not return together. Default true. */
  readonly jitter?: boolean;
}

/** A checked policy; waits in milliseconds. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoff: "constant" | "exponential";
  readonly jitter: boolean;
}

/** Fills in defaults. @throws MillraceError `VALUE_INVALID` */
export function createRetryPolicy(options: RetryPolicyOptions = {}): RetryPolicy {
  const maxRetries = options.maxRetries ?? 3;
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > 100) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected \`maxRetries\` to be an integer from 0 to 100, got: \`${maxRetries}\``,
    );
  }
  const baseDelayMs = parseDuration(options.baseDelay ?? "5m", "baseDelay");
  const maxDelayMs = Math.max(baseDelayMs, parseDuration(options.maxDelay ?? "4h", "maxDelay"));
  return {
    maxRetries,
    baseDelayMs,
    maxDelayMs,
    backoff: options.backoff ?? "exponential",
    jitter: options.jitter ?? true,
  };
}

/**
 * Milliseconds until the next attempt, or `undefined` when there is none.
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  error: MillraceError,
  random: () => number,
): number | undefined {
  if (error.disposition !== "retry" || attempt > policy.maxRetries) return undefined;
  const factor = policy.backoff === "exponential" ? 2 ** Math.min(attempt - 1, 30) : 1;
  const fullMs = Math.min(policy.baseDelayMs * factor, policy.maxDelayMs);
  const delayMs = policy.jitter ? fullMs * (0.5 + random() / 2) : fullMs;
  // A source that says when to come back knows better than the policy.
  return Math.round(Math.max(delayMs, error.retryAfterMs ?? 0));
}

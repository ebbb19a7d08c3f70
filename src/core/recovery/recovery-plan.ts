// Decides what follows a failed attempt: the run is tried again soon (fast), after hours (standard) or after a day
// (extended), or it is left to a person. A permanent error is never tried again, and the policy bounds the number of
// tries.
import type { ErrorClass } from "../errors/error-class.ts";
import type { MillraceError } from "../errors/errors.ts";
import { type RecoveryTier, type RetryPolicy, retryDelayMs } from "./retry-policy.ts";

export type RecoveryTierName = "fast" | "standard" | "extended";

/** What is known when an attempt has failed. */
export interface FailureHistory {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly error: MillraceError;
  /** A connection that the job uses is out of service as a whole. */
  readonly isBreakerOpen?: boolean;
  /** Failures in a row of the connections that the job uses, over all runs. */
  readonly connectionFailures?: number;
}

export type RecoveryPlan =
  | {
      readonly action: "retry";
      readonly tier: RecoveryTierName;
      readonly delayMs: number;
      /** How many retries there may be in all while things go on like this. */
      readonly retries: number;
    }
  | { readonly action: "manual"; readonly why: "permanent" | "not_retried" | "used_up" };

// Troubles of a service that are worth hours of patience. What a lock or a full disk needs is a look.
const serviceTroubles: ReadonlySet<ErrorClass> = new Set(["service_unavailable", "rate_limit", "network_timeout"]);

/**
 * `attempt` counts through the tiers: `maxRetries` fast ones, then the standard, then the extended ones. While a breaker is
 * open the standard tries wait as long as extended ones.
 * @param random a number in [0, 1)
 */
export function recoveryPlan(policy: RetryPolicy, history: FailureHistory, random: () => number): RecoveryPlan {
  const { attempt, error, isBreakerOpen = false, connectionFailures = 0 } = history;
  if (error.disposition !== "retry") return { action: "manual", why: "permanent" };
  if (policy.retryOn?.includes(error.errorClass) === false) return { action: "manual", why: "not_retried" };
  const isPatient = isBreakerOpen || serviceTroubles.has(error.errorClass);
  const { maxRetries, standard, extended } = policy;
  const standardRetries = isPatient ? (standard?.retries ?? 0) : 0;
  const extendedRetries = isPatient ? (extended?.retries ?? 0) : 0;
  const retries = maxRetries + standardRetries + extendedRetries;

  const fastMs = retryDelayMs(policy, attempt, error, random, connectionFailures);
  if (fastMs !== undefined) return { action: "retry", tier: "fast", delayMs: fastMs, retries };
  const later = attempt - maxRetries;
  const isStandard = later <= standardRetries;
  if (isStandard && standard !== undefined && !(isBreakerOpen && extended !== undefined)) {
    const delayMs = waitMs(standard, later, policy, error, random);
    return { action: "retry", tier: "standard", delayMs, retries };
  }
  if (extended !== undefined && later <= standardRetries + extendedRetries) {
    const delayMs = waitMs(extended, isStandard ? 1 : later - standardRetries, policy, error, random);
    return { action: "retry", tier: "extended", delayMs, retries };
  }
  return { action: "manual", why: "used_up" };
}

// Spread over the last tenth: hours apart, runs do not meet anyway.
function waitMs(
  { fromMs, toMs }: RecoveryTier,
  retry: number,
  { jitter }: RetryPolicy,
  { retryAfterMs = 0 }: MillraceError,
  random: () => number,
): number {
  const fullMs = Math.min(fromMs * 2 ** Math.min(retry - 1, 30), toMs);
  return Math.round(Math.max(jitter ? fullMs * (0.9 + random() / 10) : fullMs, retryAfterMs));
}

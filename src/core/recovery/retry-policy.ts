// When a failed attempt is tried again soon. Whether there is another try is the business of the error's `disposition`;
// how the tries after these go is in recovery-plan.ts.
import { type Duration, parseDuration } from "../duration.ts";
import { type ErrorClass, transientClasses } from "../errors/error-class.ts";
import { MillraceError } from "../errors/errors.ts";
import { assertKnownOptions } from "../errors/known-options.ts";

/** What may be tried again. */
export type RetryCondition = (typeof transientClasses)[number];

export interface RetryPolicyOptions {
  /** Further attempts after the first; 0 to 100. Default 3. */
  readonly maxRetries?: number;
  /** Wait before the first retry. Default `"5m"`. */
  readonly baseDelay?: Duration;
  /** No wait is longer. Default `"4h"`, with `recovery` `"30m"`. */
  readonly maxDelay?: Duration;
  /**
   * `exponential` doubles the wait at each retry · `adaptive` waits as long as the service asks for, and else doubles it
   * at each retry and with each doubling of the failures in a row of the job's connections. Default `exponential`.
   */
  readonly backoff?: RetryBackoff;
  /** Spreads each wait over 50–100 % of its length, so that runs which failed together do not return together. Default true. */
  readonly jitter?: boolean;
  /** Only errors of these classes are tried again. Default: all that another try may heal. */
  readonly retryOn?: readonly RetryCondition[];
  /**
   * Goes on after `maxRetries` when a service is in trouble: first as `standard`, then as `extended` says, then a person is
   * needed. `{}` takes the defaults. Default: no tries after `maxRetries`.
   */
  readonly recovery?: RecoveryOptions;
}

export type RetryBackoff = (typeof retryBackoffs)[number];

const retryBackoffs = ["constant", "exponential", "adaptive"] as const;

/** Waits double from `from` to `to`. */
export interface RecoveryOptions {
  /** The waits of `maxRetries`: another way to write `baseDelay` and `maxDelay`. Default 5 to 30 minutes. */
  readonly fast?: { readonly from?: Duration; readonly to?: Duration };
  /** Default 3 retries, 1 to 4 hours apart. `false` leaves it out. */
  readonly standard?: RecoveryTierOptions | false;
  /** Default 1 retry after 24 hours. `false` leaves it out. */
  readonly extended?: RecoveryTierOptions | false;
}

export interface RecoveryTierOptions {
  /** 1 to 100. */
  readonly retries?: number;
  readonly from?: Duration;
  readonly to?: Duration;
}

/** A checked policy; waits in milliseconds. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoff: RetryBackoff;
  readonly jitter: boolean;
  /** `undefined`: all. */
  readonly retryOn: readonly ErrorClass[] | undefined;
  readonly standard: RecoveryTier | undefined;
  readonly extended: RecoveryTier | undefined;
}

export interface RecoveryTier {
  readonly retries: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const knownOptions = ["maxRetries", "baseDelay", "maxDelay", "backoff", "jitter", "retryOn", "recovery"] as const;

/** Fills in defaults. @throws MillraceError `VALUE_INVALID` | `JOB_INVALID` */
export function createRetryPolicy(options: RetryPolicyOptions = {}): RetryPolicy {
  assertKnownOptions("a retry policy", options, knownOptions);
  const { maxRetries = 3, backoff = "exponential", jitter = true, retryOn, recovery } = options;
  assertCount("maxRetries", maxRetries, 0);
  if (!retryBackoffs.includes(backoff)) throw invalid("backoff", `one of ${retryBackoffs.join(", ")}`, backoff);
  const { from, to } = fastWaits(options);
  const baseDelayMs = parseDuration(from, "baseDelay");
  return {
    maxRetries,
    baseDelayMs,
    maxDelayMs: Math.max(baseDelayMs, parseDuration(to, "maxDelay")),
    backoff,
    jitter,
    retryOn: retryOn?.map(checkCondition),
    standard: createTier("standard", recovery?.standard, recovery && { retries: 3, from: "1h", to: "4h" }),
    extended: createTier("extended", recovery?.extended, recovery && { retries: 1, from: "24h", to: "24h" }),
  };
}

/**
 * Milliseconds until the next attempt, or `undefined` when there is none among the first `maxRetries`.
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 * @param connectionFailures failures in a row of the connections that the job uses; read by `adaptive` alone
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  error: MillraceError,
  random: () => number,
  connectionFailures = 0,
): number | undefined {
  if (error.disposition !== "retry" || attempt > policy.maxRetries) return undefined;
  const { backoff, jitter } = policy;
  // A source that says when to come back knows better than the policy.
  if (backoff === "adaptive" && error.retryAfterMs !== undefined) {
    const spreadMs = jitter ? random() * 0.1 * error.retryAfterMs : 0;
    return Math.round(Math.max(error.retryAfterMs + spreadMs, 1_000));
  }
  const weather = backoff === "adaptive" ? Math.floor(Math.log2(1 + connectionFailures)) : 0;
  const factor = backoff === "constant" ? 1 : 2 ** Math.min(attempt - 1 + weather, 30);
  const fullMs = Math.min(policy.baseDelayMs * factor, policy.maxDelayMs);
  const delayMs = jitter ? fullMs * (0.5 + random() / 2) : fullMs;
  return Math.round(Math.max(delayMs, error.retryAfterMs ?? 0));
}

function fastWaits({ baseDelay, maxDelay, recovery }: RetryPolicyOptions): { from: Duration; to: Duration } {
  const { from, to } = recovery?.fast ?? {};
  const twice = (["baseDelay", "maxDelay"] as const).find(
    (option, index) => ({ baseDelay, maxDelay })[option] !== undefined && [from, to][index] !== undefined,
  );
  if (twice !== undefined) throw invalid(`recovery.fast`, `written once, without \`${twice}\``, from ?? to);
  return { from: baseDelay ?? from ?? "5m", to: maxDelay ?? to ?? (recovery === undefined ? "4h" : "30m") };
}

function createTier(
  name: string,
  options: RecoveryTierOptions | false | undefined,
  defaults: Required<RecoveryTierOptions> | undefined,
): RecoveryTier | undefined {
  if (defaults === undefined || options === false) return undefined;
  const { retries, from, to } = { ...defaults, ...options };
  assertCount(`recovery.${name}.retries`, retries, 1);
  const fromMs = parseDuration(from, `recovery.${name}.from`);
  // Who moves the beginning alone past the end means one wait.
  const toMs = Math.max(fromMs, parseDuration(to, `recovery.${name}.to`));
  return { retries, fromMs, toMs };
}

function checkCondition(condition: RetryCondition): RetryCondition {
  if (transientClasses.includes(condition)) return condition;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected \`retryOn\` to name what passes by itself, got: \`${condition}\``,
    {
      hint: `it may name ${transientClasses.join(", ")}`,
    },
  );
}

function assertCount(option: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least && count <= 100) return;
  throw invalid(option, `an integer from ${least} to 100`, count);
}

function invalid(option: string, expected: string, got: unknown): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected \`${option}\` to be ${expected}, got: \`${String(got)}\``);
}

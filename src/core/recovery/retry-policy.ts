// Defines when a failed attempt is tried again soon. The error's `disposition` decides whether there is another try;
// recovery-plan.ts decides how the later tries go.
import { z } from "zod";
import { type Duration, parseDuration } from "../duration.ts";
import { type ErrorClass, transientClasses } from "../errors/error-class.ts";
import type { MillraceError } from "../errors/errors.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, duration, integer } from "../spec/option-values.ts";
import { parseOptions, refusal } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

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
  readonly fast?: RecoveryWaits;
  /** Default 3 retries, 1 to 4 hours apart. `false` leaves it out. */
  readonly standard?: RecoveryTierOptions | false;
  /** Default 1 retry after 24 hours. `false` leaves it out. */
  readonly extended?: RecoveryTierOptions | false;
}

export interface RecoveryWaits {
  readonly from?: Duration;
  readonly to?: Duration;
}

export interface RecoveryTierOptions extends RecoveryWaits {
  /** 1 to 100. */
  readonly retries?: number;
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

const spec = defineSpec<RetryPolicyOptions>()(() => ({
  maxRetries: integer(0, 100).default(3).describe("further attempts after the first"),
  baseDelay: optional(duration(), '`"5m"`').describe("wait before the first retry"),
  maxDelay: optional(duration(), '`"4h"`, with `recovery` `"30m"`').describe("no wait is longer"),
  backoff: choice(retryBackoffs)
    .default("exponential")
    .describe(
      "`constant` waits `baseDelay` each time, `exponential` doubles the wait at each retry, `adaptive` waits as long as the service asks for, and else doubles it at each retry and with each doubling of the failures in a row of the job's connections",
    ),
  jitter: z
    .boolean()
    .default(true)
    .describe(
      "spreads each wait over 50–100 % of its length, so that runs which failed together do not return together",
    ),
  retryOn: optional(
    expecting("a list of classes of errors", z.array(choice(transientClasses)).readonly()),
    "all that another try may heal",
  ).describe(
    `only errors of these classes are tried again: ${transientClasses.map((name) => `\`${name}\``).join(", ")}`,
  ),
  recovery: optional(recoverySpec.schema, "no tries after `maxRetries`").describe(
    "goes on after `maxRetries` when a service is in trouble, first as `standard`, then as `extended` says, then a person is needed; `{}` takes the defaults",
  ),
}));

export const retrySpec: Spec<RetryPolicyOptions> = spec;

export const recoverySpec: Spec<RecoveryOptions> = defineSpec<RecoveryOptions>()(() => ({
  fast: optional(waitsSpec.schema, '`{ from: "5m", to: "30m" }`').describe(
    "the waits of `maxRetries`: another way to write `baseDelay` and `maxDelay`",
  ),
  standard: optional(tier(), '`{ retries: 3, from: "1h", to: "4h" }`').describe(
    "tries while a service is in trouble; `false` leaves them out",
  ),
  extended: optional(tier(), '`{ retries: 1, from: "24h", to: "24h" }`').describe(
    "tries when those of `standard` are used up; `false` leaves them out",
  ),
}));

const waitsSpec = defineSpec<RecoveryWaits>()(() => ({
  from: optional(duration(), "that of the tier").describe("the first wait"),
  to: optional(duration(), "that of the tier").describe("the longest wait"),
}));

export const tierSpec: Spec<RecoveryTierOptions> = defineSpec<Pick<RecoveryTierOptions, "retries">, RecoveryWaits>(
  waitsSpec,
)(() => ({
  retries: optional(integer(1, 100), "that of the tier").describe("number of tries"),
}));

function tier(): z.ZodType<RecoveryTierOptions | false, RecoveryTierOptions | false> {
  return z.union([tierSpec.schema, z.literal(false)]);
}

/**
 * Fills in defaults.
 * @param where names what the policy belongs to, for messages
 * @throws MillraceError `JOB_INVALID`
 */
export function createRetryPolicy(options: RetryPolicyOptions = {}, where = "a retry policy"): RetryPolicy {
  const { maxRetries, backoff, jitter, retryOn, recovery, ...waits } = parseOptions(spec, options, where);
  const { from, to } = fastWaits(where, { ...waits, recovery });
  const baseDelayMs = parseDuration(from);
  return {
    maxRetries,
    baseDelayMs,
    maxDelayMs: Math.max(baseDelayMs, parseDuration(to)),
    backoff,
    jitter,
    retryOn,
    standard: createTier(recovery?.standard, recovery && { retries: 3, from: "1h", to: "4h" }),
    extended: createTier(recovery?.extended, recovery && { retries: 1, from: "24h", to: "24h" }),
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

function fastWaits(
  where: string,
  { baseDelay, maxDelay, recovery }: Pick<RetryPolicyOptions, "baseDelay" | "maxDelay"> & Recovering,
): Required<RecoveryWaits> {
  const { from, to } = recovery?.fast ?? {};
  const isTwice = (baseDelay !== undefined && from !== undefined) || (maxDelay !== undefined && to !== undefined);
  if (isTwice) {
    throw refusal(where, ["recovery", "fast"], "written once, without `baseDelay` and `maxDelay`", recovery?.fast);
  }
  return { from: baseDelay ?? from ?? "5m", to: maxDelay ?? to ?? (recovery === undefined ? "4h" : "30m") };
}

interface Recovering {
  readonly recovery: RecoveryOptions | undefined;
}

function createTier(
  options: RecoveryTierOptions | false | undefined,
  defaults: Required<RecoveryTierOptions> | undefined,
): RecoveryTier | undefined {
  if (defaults === undefined || options === false) return undefined;
  const { retries, from, to } = { ...defaults, ...options };
  const fromMs = parseDuration(from);
  // A beginning that was moved past the end alone means one wait.
  return { retries, fromMs, toMs: Math.max(fromMs, parseDuration(to)) };
}

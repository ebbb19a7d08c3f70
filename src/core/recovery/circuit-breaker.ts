// Decides when calls to a failing connection stop, and how they start again: closed → open → half open → closed.
// The state machine is pure. The state that all processes share is in the breaker's row; each process has its own
// window of rates.
import { type Duration, parseDuration } from "../duration.ts";
import type { ErrorClass } from "../errors/error-class.ts";
import { MillraceError } from "../errors/errors.ts";

export interface CircuitBreakerOptions {
  /** Failures in a row, or refusals of permission in a row, that open it, 1 to 1,000. Default 5. */
  readonly failures?: number;
  /** Opens when this part of the outcomes of the last minute were failures, 0 to 1. Default 0.5. */
  readonly failureRate?: number;
  /** Outcomes that a minute must have for `failureRate` to count, 1 to 100,000. Default 20. */
  readonly minOutcomes?: number;
  /** How long it stays open at first; doubles each time a probe fails. At least a second. Default `"1m"`. */
  readonly openFor?: Duration;
  /** Longest time that it stays open. Also the time after credentials were refused, since each probe costs a run. Default `"1h"`. */
  readonly openForMax?: Duration;
}

export interface CircuitBreakerPolicy {
  readonly failures: number;
  readonly failureRate: number;
  readonly minOutcomes: number;
  readonly openMs: number;
  readonly openMaxMs: number;
}

/** What all processes share. `open` turns half open by time: from `probeAtMs` on one run at a time is let through. */
export interface CircuitState {
  readonly state: "closed" | "open" | "half_open";
  /** In a row. */
  readonly failures: number;
  /** How often permission was refused since the last success. */
  readonly refusals: number;
  readonly openedAtMs: number | undefined;
  readonly probeAtMs: number | undefined;
  readonly lastError: string | undefined;
}

/** Outcomes that one process saw since a time. */
export interface CircuitWindow {
  readonly sinceMs: number;
  readonly successes: number;
  readonly failures: number;
}

/** How a use of the connection went. */
export type CircuitOutcome =
  | { readonly kind: "success" }
  | {
      readonly kind: "failure";
      readonly errorClass: ErrorClass;
      readonly message: string;
      readonly retryAfterMs?: number | undefined;
    };

export const closedCircuit: CircuitState = {
  state: "closed",
  failures: 0,
  refusals: 0,
  openedAtMs: undefined,
  probeAtMs: undefined,
  lastError: undefined,
};

const windowMs = 60_000;

/** Fills in defaults. @throws MillraceError `VALUE_INVALID` */
export function createCircuitBreakerPolicy(options: CircuitBreakerOptions = {}): CircuitBreakerPolicy {
  const { failures = 5, failureRate = 0.5, minOutcomes = 20, openFor = "1m", openForMax = "1h" } = options;
  if (!(Number.isInteger(failures) && failures >= 1 && failures <= 1_000)) {
    throw invalid("failures", "an integer from 1 to 1000", failures);
  }
  if (!(failureRate > 0 && failureRate <= 1)) throw invalid("failureRate", "above 0 and at most 1", failureRate);
  if (!(Number.isInteger(minOutcomes) && minOutcomes >= 1 && minOutcomes <= 100_000)) {
    throw invalid("minOutcomes", "an integer from 1 to 100000", minOutcomes);
  }
  const openMs = parseDuration(openFor, "openFor");
  if (openMs < 1_000) throw invalid("openFor", "at least one second", openFor);
  return {
    failures,
    failureRate,
    minOutcomes,
    openMs,
    openMaxMs: Math.max(openMs, parseDuration(openForMax, "openForMax")),
  };
}

/** Tells whether an error says something against the connection, and not against the job, the data or its own request. */
export function countsAgainstConnection(errorClass: ErrorClass): boolean {
  // One refusal of permission is about what was asked for; many of them are about who asks.
  if (errorClass === "permission") return true;
  return (
    errorClass === "network_timeout" ||
    errorClass === "rate_limit" ||
    errorClass === "service_unavailable" ||
    errorClass === "authentication"
  );
}

/** The phase at a time: an open breaker whose time has come is half open, whoever looks. */
export function phaseOf({ state, probeAtMs }: CircuitState, nowMs: number): CircuitState["state"] {
  return state === "open" && nowMs >= (probeAtMs ?? 0) ? "half_open" : state;
}

/** The window with one more outcome; one that is over starts anew. */
export function countOutcome(
  window: CircuitWindow | undefined,
  kind: CircuitOutcome["kind"],
  nowMs: number,
): CircuitWindow {
  const isOver = window === undefined || nowMs - window.sinceMs >= windowMs || nowMs < window.sinceMs;
  const { sinceMs, successes, failures } = isOver ? { sinceMs: nowMs, successes: 0, failures: 0 } : window;
  return kind === "success"
    ? { sinceMs, successes: successes + 1, failures }
    : { sinceMs, successes, failures: failures + 1 };
}

/**
 * The state after an outcome; the same object when nothing changes. What ends while the breaker is open began before it
 * opened and changes nothing; what ends afterwards is a probe.
 */
export function applyOutcome(
  policy: CircuitBreakerPolicy,
  state: CircuitState,
  window: CircuitWindow,
  outcome: CircuitOutcome,
  nowMs: number,
): CircuitState {
  const phase = phaseOf(state, nowMs);
  if (phase === "open") return state;
  if (outcome.kind === "success") {
    const isQuiet = phase === "closed" && state.failures === 0 && state.refusals === 0;
    return isQuiet ? state : { ...closedCircuit, lastError: state.lastError };
  }
  if (!countsAgainstConnection(outcome.errorClass)) return state;
  if (outcome.errorClass === "permission") return applyRefusal(policy, state, outcome.message, nowMs);
  const failures = Math.min(state.failures + 1, 1_000_000);
  const failed = { ...state, failures, lastError: outcome.message.slice(0, 300) };
  const isProbe = phase === "half_open";
  const isRefused = outcome.errorClass === "authentication";
  if (!isProbe && !isRefused && failures < policy.failures && !isRateReached(policy, window)) return failed;
  const openMs = isRefused ? policy.openMaxMs : nextOpenMs(policy, state, isProbe);
  const probeAtMs = nowMs + Math.max(openMs, outcome.retryAfterMs ?? 0);
  return { ...failed, state: "open", openedAtMs: nowMs, probeAtMs };
}

// A service that refuses has answered: the refusal opens nothing by itself and proves nothing as a probe. Only those in a row
// open it, and then nothing but other settings or rights will help.
function applyRefusal(policy: CircuitBreakerPolicy, state: CircuitState, message: string, nowMs: number): CircuitState {
  const refusals = Math.min(state.refusals + 1, 1_000_000);
  const refused = { ...state, refusals, lastError: message.slice(0, 300) };
  if (refusals < policy.failures) return refused;
  return { ...refused, state: "open", openedAtMs: nowMs, probeAtMs: nowMs + policy.openMaxMs };
}

function isRateReached({ failureRate, minOutcomes }: CircuitBreakerPolicy, window: CircuitWindow): boolean {
  const outcomes = window.successes + window.failures;
  return outcomes >= minOutcomes && window.failures >= outcomes * failureRate;
}

function nextOpenMs(policy: CircuitBreakerPolicy, state: CircuitState, isProbe: boolean): number {
  const { openedAtMs, probeAtMs } = state;
  if (!isProbe || openedAtMs === undefined || probeAtMs === undefined) return policy.openMs;
  return Math.min(Math.max((probeAtMs - openedAtMs) * 2, policy.openMs), policy.openMaxMs);
}

function invalid(option: string, expected: string, got: unknown): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `expected \`${option}\` of a breaker to be ${expected}, got: \`${String(got)}\``,
  );
}

import fc from "fast-check";
import { expect, test } from "vitest";
import { type ErrorClass, errorClasses } from "../errors/error-class.ts";
import { MillraceError } from "../errors/errors.ts";
import { type FailureHistory, recoveryPlan, type RecoveryPlan } from "./recovery-plan.ts";
import { createRetryPolicy, type RetryPolicyOptions } from "./retry-policy.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function transient(errorClass: ErrorClass, retryAfterMs?: number): MillraceError {
  return new MillraceError("JOB_FAILED_TRANSIENT", "trouble", {
    errorClass,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function plans(options: RetryPolicyOptions, history: Omit<FailureHistory, "attempt">, attempts: number): string[] {
  const policy = createRetryPolicy({ jitter: false, ...options });
  return Array.from({ length: attempts }, (_, index) =>
    describePlan(recoveryPlan(policy, { ...history, attempt: index + 1 }, () => 0)),
  );
}

function describePlan(plan: RecoveryPlan): string {
  return plan.action === "manual" ? plan.why : `${plan.tier} ${plan.delayMs / minuteMs}m`;
}

test("without `recovery` there are the retries of the policy, then a person is needed", () => {
  const error = transient("service_unavailable");
  expect(plans({}, { error }, 5)).toEqual(["fast 5m", "fast 10m", "fast 20m", "used_up", "used_up"]);
  expect(plans({ maxRetries: 0 }, { error }, 1)).toEqual(["used_up"]);
});

test("with `recovery` a service in trouble gets hours, then a day, then a person", () => {
  for (const errorClass of ["service_unavailable", "rate_limit", "network_timeout"] as const) {
    expect(plans({ recovery: {} }, { error: transient(errorClass) }, 9)).toEqual([
      "fast 5m",
      "fast 10m",
      "fast 20m",
      "standard 60m",
      "standard 120m",
      "standard 240m",
      "extended 1440m",
      "used_up",
      "used_up",
    ]);
  }
});

test("fast waits of `recovery` end at half an hour", () => {
  const error = transient("network_timeout");
  expect(plans({ maxRetries: 5, recovery: {} }, { error }, 5).at(-1)).toBe("fast 30m");
  expect(plans({ maxRetries: 2, recovery: { fast: { from: "1m", to: "1m" } } }, { error }, 2)).toEqual([
    "fast 1m",
    "fast 1m",
  ]);
});

test("trouble that is not a service's gets the fast retries alone", () => {
  expect(plans({ recovery: {} }, { error: transient("database_lock") }, 4)).toEqual([
    "fast 5m",
    "fast 10m",
    "fast 20m",
    "used_up",
  ]);
});

test("an open breaker turns standard tries into extended ones, without more of them", () => {
  const history = { error: transient("unknown"), isBreakerOpen: true };
  expect(plans({ maxRetries: 1, recovery: {} }, history, 6)).toEqual([
    "fast 5m",
    "extended 1440m",
    "extended 1440m",
    "extended 1440m",
    "extended 1440m",
    "used_up",
  ]);
  expect(plans({ maxRetries: 0, recovery: { extended: false } }, history, 1)).toEqual(["standard 60m"]);
});

test("tiers can be left out and set", () => {
  const error = transient("rate_limit");
  expect(plans({ maxRetries: 0, recovery: { standard: false } }, { error }, 2)).toEqual(["extended 1440m", "used_up"]);
  const standard = { retries: 2, from: "10m", to: "15m" } as const;
  expect(plans({ maxRetries: 0, recovery: { standard, extended: false } }, { error }, 3)).toEqual([
    "standard 10m",
    "standard 15m",
    "used_up",
  ]);
});

test("`retryOn` leaves errors of other classes to a person", () => {
  const options: RetryPolicyOptions = { retryOn: ["rate_limit"] };
  expect(plans(options, { error: transient("rate_limit") }, 1)).toEqual(["fast 5m"]);
  expect(plans(options, { error: transient("network_timeout") }, 1)).toEqual(["not_retried"]);
});

test("adaptive waits follow what the service asks for, and else the failures of the connection", () => {
  const adaptive: RetryPolicyOptions = { backoff: "adaptive", baseDelay: "1m", maxDelay: "1h" };
  expect(plans(adaptive, { error: transient("rate_limit", 30_000) }, 2)).toEqual(["fast 0.5m", "fast 0.5m"]);
  const error = transient("service_unavailable");
  expect(plans(adaptive, { error }, 2)).toEqual(["fast 1m", "fast 2m"]);
  expect(plans(adaptive, { error, connectionFailures: 7 }, 2)).toEqual(["fast 8m", "fast 16m"]);
  expect(plans(adaptive, { error, connectionFailures: 10_000 }, 1)).toEqual(["fast 60m"]);
});

test("what a service asks for wins over a shorter wait in every tier", () => {
  const error = transient("rate_limit", 5 * hourMs);
  expect(plans({ maxRetries: 1, recovery: { extended: false } }, { error }, 2)).toEqual(["fast 300m", "standard 300m"]);
});

const tierNames = ["fast", "standard", "extended"];
const anyPolicy = fc.record({
  maxRetries: fc.nat(10),
  backoff: fc.constantFrom("constant" as const, "exponential" as const, "adaptive" as const),
  recovery: fc.option(
    fc.record({
      standard: fc.option(fc.record({ retries: fc.integer({ min: 1, max: 5 }) }), { nil: false as const }),
      extended: fc.option(fc.record({ retries: fc.integer({ min: 1, max: 5 }) }), { nil: false as const }),
    }),
    { nil: undefined },
  ),
});

function policyOf({ recovery, ...rest }: typeof anyPolicy extends fc.Arbitrary<infer T> ? T : never, jitter: boolean) {
  return createRetryPolicy({ ...rest, jitter, ...(recovery === undefined ? {} : { recovery }) });
}

test("however it fails, a run is tried a bounded number of times, and never after a permanent error", () => {
  fc.assert(
    fc.property(
      anyPolicy,
      fc.constantFrom(...errorClasses),
      fc.boolean(),
      fc.nat(99),
      (options, errorClass, open, n) => {
        const policy = policyOf(options, true);
        const most = policy.maxRetries + (policy.standard?.retries ?? 0) + (policy.extended?.retries ?? 0);
        const history = { attempt: n + 1, isBreakerOpen: open, connectionFailures: n };
        const plan = recoveryPlan(policy, { ...history, error: transient(errorClass) }, () => 0.5);
        if (plan.action === "retry") expect(history.attempt).toBeLessThanOrEqual(Math.min(most, plan.retries));
        const permanent = new MillraceError("JOB_FAILED", "bug", { errorClass });
        expect(recoveryPlan(policy, { ...history, error: permanent }, () => 0.5)).toEqual({
          action: "manual",
          why: "permanent",
        });
      },
    ),
  );
});

test("later tries are never sooner and never of an earlier tier, and jitter stays within its bounds", () => {
  fc.assert(
    fc.property(
      anyPolicy,
      fc.constantFrom(...errorClasses),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (options, errorClass, random) => {
        const error = transient(errorClass);
        let last = { tier: 0, delayMs: 0 };
        for (let attempt = 1; attempt <= 25; attempt += 1) {
          const exact = recoveryPlan(policyOf(options, false), { attempt, error }, () => 0);
          const spread = recoveryPlan(policyOf(options, true), { attempt, error }, () => random);
          expect(spread.action).toBe(exact.action);
          if (exact.action === "manual" || spread.action === "manual") continue;
          const tier = tierNames.indexOf(exact.tier);
          expect(tier).toBeGreaterThanOrEqual(last.tier);
          if (tier === last.tier) expect(exact.delayMs).toBeGreaterThanOrEqual(last.delayMs);
          expect(spread.delayMs).toBeGreaterThanOrEqual(Math.floor(exact.delayMs * (tier === 0 ? 0.5 : 0.9)));
          expect(spread.delayMs).toBeLessThanOrEqual(exact.delayMs);
          last = { tier, delayMs: exact.delayMs };
        }
      },
    ),
  );
});

test.each<[RetryPolicyOptions, string]>([
  [{ retryOn: ["authentication" as never] }, "`database_lock`, `unknown`, got: `authentication`"],
  [{ backoff: "linear" as never }, "to be one of `constant`, `exponential`, `adaptive`, got: `linear`"],
  [
    { recovery: { standard: { retries: 0 } } },
    "expected `retries` of `recovery.standard` of a retry policy to be an integer from 1 to 100, got: `0`",
  ],
  [
    { baseDelay: "1m", recovery: { fast: { from: "2m" } } },
    "expected `fast` of `recovery` of a retry policy to be written once, without `baseDelay`",
  ],
])("policy %o is refused", (options, message) => {
  expect(() => createRetryPolicy(options)).toThrowError(message);
});

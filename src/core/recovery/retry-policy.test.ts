import fc from "fast-check";
import { expect, test } from "vitest";
import { MillraceError } from "../errors/errors.ts";
import { createRetryPolicy, retryDelayMs } from "./retry-policy.ts";

const transient = new MillraceError("JOB_FAILED_TRANSIENT", "connection reset");
const permanent = new MillraceError("JOB_FAILED", "bug");

test("the default is three retries from five minutes, doubling", () => {
  const policy = createRetryPolicy({ jitter: false });
  const delays = [1, 2, 3, 4].map((attempt) => retryDelayMs(policy, attempt, transient, () => 0));
  expect(delays).toEqual([300_000, 600_000, 1_200_000, undefined]);
});

test("a permanent error is never tried again, whatever the policy", () => {
  const policy = createRetryPolicy({ maxRetries: 100 });
  expect(retryDelayMs(policy, 1, permanent, () => 0.5)).toBeUndefined();
});

test("the source's own waiting time wins over a shorter one", () => {
  const policy = createRetryPolicy({ baseDelay: "1s", jitter: false });
  const limited = new MillraceError("JOB_FAILED_TRANSIENT", "too many requests", { retryAfterMs: 90_000 });
  expect(retryDelayMs(policy, 1, limited, () => 0)).toBe(90_000);
});

test("jitter keeps every wait between half of the full wait and the maximum", () => {
  const policy = createRetryPolicy({ maxRetries: 50, baseDelay: "10s", maxDelay: "1h" });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
      const full = Math.min(10_000 * 2 ** (attempt - 1), 3_600_000);
      const delay = retryDelayMs(policy, attempt, transient, () => random) ?? Number.NaN;
      expect(delay).toBeGreaterThanOrEqual(Math.floor(full / 2));
      expect(delay).toBeLessThanOrEqual(full);
    }),
  );
});

test.each([-1, 1.5, 101, Number.NaN])("maxRetries %d is refused", (maxRetries) => {
  expect(() => createRetryPolicy({ maxRetries })).toThrowError(
    `expected \`maxRetries\` of a retry policy to be an integer from 0 to 100, got: \`${maxRetries}\``,
  );
});

// Retries as the job guide writes them (`RETRY_CONFIG`), beside those of this package: both are read into the same options.
import type { Duration } from "../../core/duration.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { RetryCondition, RetryPolicyOptions } from "../../core/recovery/retry-policy.ts";

/** `RETRY_CONFIG`. */
export interface DocumentRetry {
  readonly max_retries: number;
  /** Seconds before the first retry. */
  readonly base_delay: number;
  readonly exponential_backoff?: boolean;
  readonly jitter?: boolean;
  readonly retry_conditions?: readonly string[];
}

/** What a job of `src/integrations` takes as its `retry`. */
export type GivenRetry = RetryPolicyOptions | DocumentRetry;

/**
 * The retries of a job in the options of this package. They are those of whole runs; requests are tried again by the connection.
 * @param where names the job in messages
 * @throws MillraceError `JOB_INVALID` for a condition that is not known
 */
export function readRetry(where: string, given: GivenRetry): RetryPolicyOptions {
  if (!("base_delay" in given)) return given;
  const { max_retries: maxRetries, base_delay: seconds, exponential_backoff: isDoubled, jitter } = given;
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw refusal(where, ["retry", "base_delay"], "a number of seconds", seconds);
  }
  const retryOn = given.retry_conditions?.map((name) => toCondition(where, name));
  return {
    maxRetries,
    baseDelay: `${Math.round(seconds * 1_000)}ms` satisfies Duration,
    backoff: isDoubled === false ? "constant" : "exponential",
    ...(jitter === undefined ? {} : { jitter }),
    ...(retryOn === undefined ? {} : { retryOn }),
  };
}

const conditions: Readonly<Record<string, RetryCondition>> = {
  network_timeout: "network_timeout",
  api_rate_limit: "rate_limit",
  temporary_service_error: "service_unavailable",
  database_lock: "database_lock",
};

function toCondition(where: string, name: string): RetryCondition {
  const found = conditions[name];
  if (found !== undefined) return found;
  const known = Object.keys(conditions)
    .map((one) => `\`${one}\``)
    .join(", ");
  throw refusal(where, ["retry", "retry_conditions"], `names out of ${known}`, name);
}

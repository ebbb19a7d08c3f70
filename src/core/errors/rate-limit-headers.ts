// What the headers of an answer say about a quota, in the many ways that services write it. One reading for errors of any HTTP
// client and for the gates of connections.

/** A header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

export interface RateLimitReading {
  /** How long the other side asks to wait, at most a day. */
  readonly retryAfterMs: number | undefined;
  /** It says that a quota is used up, whatever the status. */
  readonly isQuotaUsedUp: boolean;
}

/** Services with names of their own. */
export interface RateLimitHeaders {
  /** Header with the number of requests that are left. */
  readonly remaining?: string;
  /** Header that says when there are more again. */
  readonly reset?: string;
  /**
   * What its value counts: `seconds` from now, or `epoch` seconds or `epochMs` milliseconds since 1970, or a `date`. Default: a
   * number is taken for what it can only be.
   */
  readonly resetUnit?: "seconds" | "epoch" | "epochMs" | "date";
}

const longestWaitMs = 86_400_000;
/** Smaller numbers are waits, larger ones instants: seconds since 1970 have been above it since 2001. */
const firstEpochSeconds = 1_000_000_000;
const firstEpochMs = 100_000_000_000;

/**
 * Reads `retry-after` (seconds, a date, or seconds since 1970), `x-ratelimit-*`, `x-rate-limit-*`, and `ratelimit-*` and
 * `ratelimit` of the IETF's drafts. A date counts from the answer's own `date`, so that a wrong clock here does not matter.
 * @param nowMs for answers without `date`; default: their dates are not read
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function readRateLimit(
  header: HeaderReader,
  nowMs: number | undefined,
  declared: RateLimitHeaders = {},
): RateLimitReading {
  const dateMs = Date.parse(header("date") ?? "");
  const sentAtMs = Number.isNaN(dateMs) ? nowMs : dateMs;
  const draft = readDraft(header("ratelimit"));
  const remaining = first(header, [declared.remaining, ...remainingNames]) ?? draft.remaining;
  // a service whose limits are turned off says that none of none are left
  const isOff = Number(first(header, limitNames) ?? Number.NaN) === 0;
  const isQuotaUsedUp = remaining !== undefined && Number(remaining) === 0 && !isOff;
  const retryAfter = toWaitMs(header("retry-after"), sentAtMs, undefined);
  if (retryAfter !== undefined || !isQuotaUsedUp) return { isQuotaUsedUp, retryAfterMs: retryAfter };
  const own = declared.reset === undefined ? undefined : header(declared.reset.toLowerCase());
  const reset = own ?? first(header, resetNames) ?? draft.reset;
  return { isQuotaUsedUp, retryAfterMs: toWaitMs(reset, sentAtMs, own === undefined ? undefined : declared.resetUnit) };
}

const limitNames = ["x-ratelimit-limit", "x-rate-limit-limit", "ratelimit-limit"];
const remainingNames = ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"];
const resetNames = ["x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"];

function first(header: HeaderReader, names: readonly (string | undefined)[]): string | undefined {
  for (const name of names) {
    const value = name === undefined ? undefined : header(name.toLowerCase());
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

// `"default";r=0;t=30`, or `limit=100, remaining=0, reset=30` of an earlier draft.
function readDraft(value: string | undefined): { remaining?: string; reset?: string } {
  const remaining = /(?:^|[;,\s])(?:r|remaining)=(\d+)/.exec(value ?? "")?.[1];
  const reset = /(?:^|[;,\s])(?:t|reset)=(\d+)/.exec(value ?? "")?.[1];
  return { ...(remaining === undefined ? {} : { remaining }), ...(reset === undefined ? {} : { reset }) };
}

function toWaitMs(
  value: string | undefined,
  sentAtMs: number | undefined,
  unit: RateLimitHeaders["resetUnit"],
): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/.test(value)) {
    // a time without seconds may be any of its minute
    const atMs = Date.parse(value) + (/T\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?$/.test(value) ? 60_000 : 0);
    return Number.isNaN(atMs) || sentAtMs === undefined ? undefined : clampWait(atMs - sentAtMs);
  }
  const number = Number(value);
  switch (unit ?? guessUnit(number)) {
    case "seconds":
      return clampWait(number * 1_000);
    case "epochMs":
      return sentAtMs === undefined ? undefined : clampWait(number - sentAtMs);
    case "epoch":
    case "date":
      return sentAtMs === undefined ? undefined : clampWait(number * 1_000 - sentAtMs);
  }
}

function guessUnit(number: number): "seconds" | "epoch" | "epochMs" {
  if (number < firstEpochSeconds) return "seconds";
  return number < firstEpochMs ? "epoch" : "epochMs";
}

function clampWait(waitMs: number): number {
  return Math.round(Math.min(Math.max(waitMs, 0), longestWaitMs));
}

import { expect, test } from "vitest";
import { type RateLimitHeaders, readRateLimit } from "./rate-limit-headers.ts";

const nowMs = Date.parse("2026-11-21T10:00:00Z");

function read(
  headers: Readonly<Record<string, string>>,
  declared?: RateLimitHeaders,
): ReturnType<typeof readRateLimit> {
  return readRateLimit((name) => headers[name], nowMs, declared);
}

test.each([
  [{ "retry-after": "30" }, 30_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "Sat, 21 Nov 2026 10:01:00 GMT" }, 60_000],
  [{ "retry-after": "Sat, 21 Nov 2026 10:01:00 GMT", date: "Sat, 21 Nov 2026 10:00:30 GMT" }, 30_000],
  [{ "retry-after": "1795255260" }, 60_000],
  [{ "retry-after": "soon" }, undefined],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795255260" }, 60_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795255260000" }, 60_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-21T10:01:30Z" }, 90_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-21T10:01Z" }, 120_000],
  [{ "x-rate-limit-remaining": "0", "x-rate-limit-reset": "60" }, 60_000],
  [{ "ratelimit-remaining": "0", "ratelimit-reset": "7" }, 7_000],
  [{ ratelimit: '"default";r=0;t=9' }, 9_000],
  [{ ratelimit: "limit=100, remaining=0, reset=9" }, 9_000],
  [{ "x-ratelimit-remaining": "1", "x-ratelimit-reset": "60" }, undefined],
  [{ ratelimit: '"default";r=5;t=9' }, undefined],
] as [Record<string, string>, number | undefined][])("%o asks for a wait of %s", (headers, waitMs) => {
  expect(read(headers).retryAfterMs).toBe(waitMs);
});

test("a header with a name and a unit of its own is read as declared", () => {
  const declared = { remaining: "X-Calls-Left", reset: "X-Calls-At", resetUnit: "epochMs" } as const;
  expect(read({ "x-calls-left": "0", "x-calls-at": String(nowMs + 5_000) }, declared)).toEqual({
    isQuotaUsedUp: true,
    retryAfterMs: 5_000,
  });
  expect(read({ "x-calls-left": "3", "x-calls-at": "1" }, declared).retryAfterMs).toBeUndefined();
});

test("none of none left is a limit that is turned off", () => {
  const off: Record<string, string> = {
    "x-ratelimit-limit": "0",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "0",
  };
  expect(readRateLimit((name) => off[name], 0).isQuotaUsedUp).toBe(false);
});

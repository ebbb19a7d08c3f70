import { expect, test } from "vitest";
import { findOutcome, needsBody, type ResponseOutcome, type ResponseRule, toResponseError } from "./response-rules.ts";
import { parseExactJson } from "./value-path.ts";

function outcome(
  status: number,
  headers: Record<string, string> = {},
  rules: readonly ResponseRule[] = [],
): ResponseOutcome {
  return findOutcome(rules, { status, headers }, undefined);
}

test("a status that nobody listed is an error, also one of success", () => {
  expect([200, 201, 202].map((status) => outcome(status))).toEqual(["success", "success", "success"]);
  for (const status of [204, 206, 301, 304, 400, 403, 404, 405, 410, 418, 422, 501]) {
    expect(outcome(status)).toBe("fail");
  }
});

test("what passes by itself is tried again, a pause that is asked for is kept, an expired token is renewed", () => {
  for (const status of [408, 500, 502, 503, 504, 520]) expect(outcome(status)).toBe("retry");
  expect(outcome(503, { "retry-after": "5" })).toBe("rateLimited");
  expect(outcome(429)).toBe("rateLimited");
  expect(outcome(403, { "retry-after": "5" })).toBe("rateLimited");
  expect(outcome(403, { "x-ratelimit-remaining": "0" })).toBe("rateLimited");
  expect(outcome(401)).toBe("refreshToken");
});

test("the first rule of the job that fits decides", () => {
  const rules: readonly ResponseRule[] = [
    { status: [404, 410], then: "skipUnit" },
    { status: "4xx", contentType: "text/html", then: "retry" },
    { header: { "x-busy": true }, then: "rateLimited" },
    { status: 204, then: "warn" },
  ];
  expect(outcome(404, {}, rules)).toBe("skipUnit");
  expect(outcome(418, { "content-type": "Text/HTML; charset=utf-8" }, rules)).toBe("retry");
  expect(outcome(200, { "x-busy": "" }, rules)).toBe("rateLimited");
  expect(outcome(204, {}, rules)).toBe("warn");
  expect(outcome(422, {}, rules)).toBe("fail");
});

test("a rule may look into the body of an answer with status 200", () => {
  const rules: readonly ResponseRule[] = [
    { status: 200, body: { path: "error.code", is: [17, "busy"] }, then: "rateLimited" },
    { body: { path: "message", has: "Too Many" }, then: "retry" },
    { body: { path: "error" }, then: "fail" },
  ];
  const head = { status: 200, headers: {} };
  const decide = (text: string): ResponseOutcome => findOutcome(rules, head, parseExactJson(text));
  expect(needsBody(rules, head)).toBe(true);
  expect(needsBody(rules.slice(0, 1), { status: 500, headers: {} })).toBe(false);
  expect(decide('{"error":{"code":17}}')).toBe("rateLimited");
  expect(decide('{"message":"too many requests"}')).toBe("retry");
  expect(decide('{"error":{}}')).toBe("fail");
  expect(decide('{"error":null}')).toBe("success");
});

test("an answer becomes the error of its status, with the time to come back in seconds or as a date", () => {
  const rejected = toResponseError({ status: 410, headers: {} }, "reading page 3");
  expect(rejected).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
  expect(rejected.message).toBe("reading page 3: the service answered with status 410");
  expect(toResponseError({ status: 304, headers: {} }, "x").code).toBe("REQUEST_REJECTED");
  const date = "Thu, 01 Jan 2026 00:00:30 GMT";
  const limited = toResponseError({ status: 429, headers: { "retry-after": date } }, "x", Date.UTC(2026, 0, 1));
  expect(limited).toMatchObject({ code: "RATE_LIMITED", disposition: "retry", retryAfterMs: 30_000 });
});

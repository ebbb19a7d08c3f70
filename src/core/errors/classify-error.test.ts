import { expect, test } from "vitest";
import { z } from "zod";
import { classifyError } from "./classify-error.ts";
import type { ErrorClass } from "./error-class.ts";
import type { ErrorCode } from "./error-codes.ts";
import { MillraceError, toErrorRecord } from "./errors.ts";

test("network trouble is transient, also when fetch hides it in the cause", () => {
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  expect(classifyError(reset).disposition).toBe("retry");
  expect(classifyError(new TypeError("fetch failed", { cause: reset })).code).toBe("JOB_FAILED_TRANSIENT");
});

test("a full disk is named as such and retried", () => {
  const full = classifyError(Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" }));
  expect([full.code, full.disposition]).toEqual(["DISK_FULL", "retry"]);
});

test("an unknown error is permanent and keeps its message", () => {
  const error = classifyError(new RangeError("index 7"));
  expect([error.code, error.disposition, error.message]).toEqual(["JOB_FAILED", "fail", "index 7"]);
});

test.each([
  ["a text", "a text"],
  [undefined, "undefined"],
  [null, "null"],
  [42, "42"],
  [{ a: 1 }, "an object of Object"],
  [Object.create(null), "an object of no class"],
])("throwing %o says that it is not an error", (thrown, described) => {
  const error = classifyError(thrown);
  expect(error.code).toBe("JOB_THREW_NON_ERROR");
  expect(error.message).toBe(`job threw a value that is not an error, got: \`${described}\``);
});

test("a MillraceError stays as it is, and its record has what a person needs", () => {
  const error = new MillraceError("CHECKS_FAILED", "2 checks failed", {
    hint: "look at the rows",
    cause: new Error("why"),
  });
  expect(classifyError(error)).toBe(error);
  expect(toErrorRecord(error)).toEqual({
    code: "CHECKS_FAILED",
    message: "2 checks failed",
    disposition: "fail",
    origin: "upstream",
    hint: "look at the rows",
    causes: ["why"],
  });
});

const statuses: [number, ErrorCode, ErrorClass][] = [
  [400, "REQUEST_REJECTED", "unknown"],
  [401, "AUTHENTICATION_FAILED", "authentication"],
  [403, "PERMISSION_DENIED", "permission"],
  [404, "REQUEST_REJECTED", "configuration"],
  [407, "AUTHENTICATION_FAILED", "authentication"],
  [408, "SERVICE_UNAVAILABLE", "network_timeout"],
  [409, "REQUEST_REJECTED", "unknown"],
  [410, "REQUEST_REJECTED", "configuration"],
  [422, "REQUEST_REJECTED", "unknown"],
  [425, "SERVICE_UNAVAILABLE", "service_unavailable"],
  [429, "RATE_LIMITED", "rate_limit"],
  [500, "SERVICE_UNAVAILABLE", "service_unavailable"],
  [501, "REQUEST_REJECTED", "configuration"],
  [502, "SERVICE_UNAVAILABLE", "service_unavailable"],
  [503, "SERVICE_UNAVAILABLE", "service_unavailable"],
  [504, "SERVICE_UNAVAILABLE", "service_unavailable"],
  [524, "SERVICE_UNAVAILABLE", "service_unavailable"],
];

test.each(statuses)("HTTP status %d is %s of class %s, wherever the client keeps it", (status, code, errorClass) => {
  const shapes = [
    { status },
    { statusCode: status },
    { response: { status } },
    { response: { statusCode: status } },
    { $metadata: { httpStatusCode: status } },
    { cause: Object.assign(new Error("inner"), { status }) },
  ];
  for (const shape of shapes) {
    const error = classifyError(Object.assign(new Error("request failed"), shape));
    expect([error.code, error.errorClass, error.message]).toEqual([code, errorClass, "request failed"]);
    expect(error.disposition).toBe(["RATE_LIMITED", "SERVICE_UNAVAILABLE"].includes(code) ? "retry" : "fail");
  }
});

function limited(status: number, headers: unknown): Error {
  return Object.assign(new Error("slow down"), { response: { status, headers } });
}

const sentAt = "Sat, 21 Nov 2026 10:00:00 GMT";

test.each([
  ["seconds", { "retry-after": "120" }, 120_000],
  ["a number", { "Retry-After": 30 }, 30_000],
  ["seconds in a Headers object", new Headers({ "Retry-After": "7" }), 7_000],
  ["a date on the clock of the service", { date: sentAt, "retry-after": "Sat, 21 Nov 2026 10:01:30 GMT" }, 90_000],
  ["a date that has passed", { date: sentAt, "retry-after": "Sat, 21 Nov 2026 09:00:00 GMT" }, 0],
  ["more than a day", { "retry-after": "31536000" }, 86_400_000],
  [
    "when the quota is reset",
    { date: sentAt, "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795255260" },
    60_000,
  ],
  ["in how many seconds the quota is reset", { "ratelimit-remaining": "0", "ratelimit-reset": "45" }, 45_000],
  ["nonsense", { "retry-after": "soon" }, undefined],
  ["a reset while there is quota", { "x-ratelimit-remaining": "12", "x-ratelimit-reset": "45" }, undefined],
])("a wait given as %s is read", (_, headers, waitMs) => {
  expect(classifyError(limited(429, headers)).retryAfterMs).toBe(waitMs);
  expect(classifyError(limited(503, headers)).retryAfterMs).toBe(waitMs);
});

test("a date without the clock of the service is read on the clock that is given, or not at all", () => {
  const error = limited(429, { "retry-after": "Sat, 21 Nov 2026 10:00:10 GMT" });
  expect(classifyError(error).retryAfterMs).toBeUndefined();
  expect(classifyError(error, Date.parse(sentAt)).retryAfterMs).toBe(10_000);
});

test("403 of a service that says when to come back is a rate limit", () => {
  const error = classifyError(limited(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60" }));
  expect([error.code, error.retryAfterMs]).toEqual(["RATE_LIMITED", 60_000]);
  expect(classifyError(limited(403, { "retry-after": "5" })).disposition).toBe("retry");
});

const codes: [string, ErrorCode, ErrorClass][] = [
  ["08006", "SERVICE_UNAVAILABLE", "service_unavailable"],
  ["57P01", "SERVICE_UNAVAILABLE", "service_unavailable"],
  ["57P03", "SERVICE_UNAVAILABLE", "service_unavailable"],
  ["53300", "SERVICE_UNAVAILABLE", "service_unavailable"],
  ["53100", "DISK_FULL", "unknown"],
  ["40001", "JOB_FAILED_TRANSIENT", "database_lock"],
  ["40P01", "JOB_FAILED_TRANSIENT", "database_lock"],
  ["55P03", "JOB_FAILED_TRANSIENT", "database_lock"],
  ["57014", "JOB_FAILED_TRANSIENT", "network_timeout"],
  ["28P01", "AUTHENTICATION_FAILED", "authentication"],
  ["42501", "PERMISSION_DENIED", "permission"],
  ["42P01", "JOB_FAILED", "configuration"],
  ["22P02", "JOB_FAILED", "format_change"],
  ["23505", "JOB_FAILED", "unknown"],
  ["SQLITE_BUSY_SNAPSHOT", "JOB_FAILED_TRANSIENT", "database_lock"],
  ["SQLITE_FULL", "DISK_FULL", "unknown"],
  ["ECONNREFUSED", "JOB_FAILED_TRANSIENT", "network_timeout"],
  ["EAI_AGAIN", "JOB_FAILED_TRANSIENT", "network_timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "JOB_FAILED_TRANSIENT", "network_timeout"],
  ["EMFILE", "OPEN_FILES_EXHAUSTED", "unknown"],
  ["EACCES", "PERMISSION_DENIED", "permission"],
  ["CERT_HAS_EXPIRED", "CERTIFICATE_INVALID", "configuration"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "CERTIFICATE_INVALID", "configuration"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "CERTIFICATE_INVALID", "configuration"],
];

test.each(codes)("code %s is %s of class %s", (code, expected, errorClass) => {
  const error = classifyError(Object.assign(new Error("broken"), { code }));
  expect([error.code, error.errorClass]).toEqual([expected, errorClass]);
});

test("`EPERM` is not taken for a state of SQL, and a state of letters is one when a database says it", () => {
  expect(classifyError(Object.assign(new Error("no"), { code: "EPERM" })).code).toBe("PERMISSION_DENIED");
  expect(classifyError(Object.assign(new Error("no"), { code: "XX000" })).code).toBe("JOB_FAILED");
});

test("attempts at several addresses are judged by the first", () => {
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  expect(classifyError(new TypeError("fetch failed", { cause: new AggregateError([refused]) })).errorClass).toBe(
    "network_timeout",
  );
});

test("what ran into a time limit of its own is transient", async () => {
  const timedOut = await new Promise<unknown>((_, reject) => {
    const signal = AbortSignal.timeout(1);
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  }).catch((error: unknown) => error);
  expect([classifyError(timedOut).disposition, classifyError(timedOut).errorClass]).toEqual([
    "retry",
    "network_timeout",
  ]);
  expect(classifyError(new DOMException("aborted", "AbortError")).errorClass).toBe("network_timeout");
});

test("a body that is not JSON is a changed format, and nothing of it is kept", () => {
  const thrown = ((): unknown => {
    try {
      return JSON.parse("<html>canary</html>");
    } catch (error) {
      return error;
    }
  })();
  const record = toErrorRecord(classifyError(thrown));
  expect(record).toMatchObject({ code: "FORMAT_INVALID", disposition: "fail", errorClass: "format_change" });
  expect(JSON.stringify(record)).not.toContain("canary");
  expect(classifyError(new SyntaxError("Invalid regular expression")).code).toBe("JOB_FAILED");
});

test("an answer that does not fit its schema is a changed format, told by its place", () => {
  const parsed = z.object({ items: z.array(z.object({ id: z.number() })) }).safeParse({ items: [{ id: "canary" }] });
  const error = classifyError(parsed.error);
  expect([error.code, error.errorClass]).toEqual(["FORMAT_INVALID", "format_change"]);
  expect(error.message).toBe("data is not in the form that the job reads, at: `items.0.id`");
});

test("an error whose fields throw, or whose causes go in a circle, is classified all the same", () => {
  const hostile = Object.defineProperty(new Error("no"), "response", {
    get: () => {
      throw new Error("trap");
    },
  });
  hostile.cause = hostile;
  expect(classifyError(hostile).code).toBe("JOB_FAILED");
});

test("errors of the project's own configuration are of that class, and an unknown class is left out of records", () => {
  expect(toErrorRecord(new MillraceError("JOB_UNKNOWN", "no")).errorClass).toBe("configuration");
  expect(toErrorRecord(new MillraceError("JOB_FAILED", "no"))).not.toHaveProperty("errorClass");
});

import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { fromErrorRecord } from "../../core/errors/from-error-record.ts";
import { toWireError } from "./wire-error.ts";

test("an error is the same on the other side: code, disposition, class, wait, hint and causes", () => {
  const error = new MillraceError("RATE_LIMITED", "slow down", {
    retryAfterMs: 5_000,
    hint: "wait",
    disposition: "fail",
    errorClass: "service_unavailable",
    details: { connection: "github" },
    cause: new Error("outer", { cause: new Error("inner") }),
  });
  const back = fromErrorRecord(structuredClone(toWireError(error)));
  expect(back).toBeInstanceOf(MillraceError);
  const { code, message, disposition, errorClass, retryAfterMs, hint, details } = back;
  expect({ code, message, disposition, errorClass, retryAfterMs, hint, details }).toEqual({
    code: "RATE_LIMITED",
    message: "slow down",
    disposition: "fail",
    errorClass: "service_unavailable",
    retryAfterMs: 5_000,
    hint: "wait",
    details: { connection: "github" },
  });
  expect(back.cause).toMatchObject({ message: "outer", cause: { message: "inner" } });
});

test("errors of users are classified where they are thrown, and nothing in them keeps them from crossing", () => {
  const thrown = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", socket: () => undefined });
  expect(structuredClone(toWireError(thrown))).toMatchObject({ disposition: "retry", errorClass: "network_timeout" });
  const odd = new MillraceError("JOB_FAILED", "odd", { details: { call: () => 1, big: 1n } });
  expect(structuredClone(toWireError(odd)).details).toEqual({ big: "1" });
});

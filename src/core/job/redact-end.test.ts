import { expect, test } from "vitest";
import { MillraceError, toErrorRecord } from "../errors/errors.ts";
import { createSecretRedactor } from "../errors/secret-redactor.ts";
import { redactEnd } from "./redact-end.ts";
import type { AttemptEnd } from "./run-job.ts";

const redactor = createSecretRedactor(["canary-4711"]);
const redact = <Value>(value: Value): Value => redactor.redact(value, { keys: false });

function failed(error: MillraceError): Extract<AttemptEnd, { end: "failed" }> {
  return { end: "failed", error, warnings: ["canary-4711"] };
}

test("a secret is masked in message, hint, details, causes and warnings, and the rest of the error stays", () => {
  const cause = new Error("outer canary-4711", { cause: new Error("inner canary-4711") });
  const error = new MillraceError("RATE_LIMITED", "got canary-4711", {
    cause,
    hint: "look at canary-4711",
    details: { token: "x", deep: ["canary-4711"] },
    retryAfterMs: 5,
    disposition: "fail",
  });
  const end = redactEnd(failed(error), redact);
  if (end.end !== "failed") throw new Error("it failed before");
  expect([end.error.retryAfterMs, end.warnings]).toEqual([5, ["[masked]"]]);
  expect(toErrorRecord(end.error)).toEqual({
    ...toErrorRecord(error),
    message: "got [masked]",
    hint: "look at [masked]",
    details: { token: "x", deep: ["[masked]"] },
    causes: ["outer [masked]", "inner [masked]"],
  });
});

test("an error without a secret stays itself, and a result is the job's own", () => {
  const error = new MillraceError("JOB_FAILED", "no", { cause: new Error("why") });
  expect(redactEnd(failed(error), redact)).toMatchObject({ error });
  const result: AttemptEnd = { end: "finished", outcome: { outcome: "done", result: "canary-4711" }, warnings: [] };
  expect(redactEnd(result, redact)).toEqual(result);
});

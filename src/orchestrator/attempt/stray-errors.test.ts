import { expect, test } from "vitest";
import { errorCodes, type ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { StrayWatch, toStrayError } from "./stray-errors.ts";

function bench() {
  const control = new AbortController();
  const warnings: string[] = [];
  const watch = new StrayWatch({ control, warn: (message) => warnings.push(message) });
  return { control, warnings, watch };
}

test("the first stray error ends its attempt with the error as cause, the next ones are told", () => {
  const { control, warnings, watch } = bench();
  const first = new Error("nobody waits for me");
  watch.onStray(first);
  watch.onStray(new Error("nor for me"));
  expect(control.signal.reason).toMatchObject({ code: "JOB_FAILED", disposition: "fail", cause: first });
  expect(warnings).toEqual([expect.stringMatching(/nor for me; the attempt had ended already/)]);
});

test("what comes after the end of the attempt ends nothing", () => {
  const { control, warnings, watch } = bench();
  watch.end();
  watch.onStray(new Error("too late"));
  expect(control.signal.aborted).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/too late/)]);
});

test("what a run is told because it was stopped, lost or paused is no error of its own", () => {
  const echoes: ErrorCode[] = ["RUN_LOST", "RUN_RELEASED", "RUN_STOPPED", "RUN_PAUSED", "RUN_SNOOZED"];
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const { control, watch } = bench();
    watch.onStray(new MillraceError(code, "m"));
    expect(control.signal.aborted).toBe(!echoes.includes(code));
  }
});

test("it is tried again as if the handler had thrown it", () => {
  const busy = Object.assign(new Error("busy"), { status: 503 });
  expect(toStrayError(busy)).toMatchObject({
    code: "JOB_FAILED",
    disposition: "retry",
    errorClass: "service_unavailable",
  });
  expect(toStrayError("text")).toMatchObject({ code: "JOB_FAILED", disposition: "fail" });
  expect(toStrayError(undefined)).toMatchObject({ code: "JOB_FAILED", disposition: "fail" });
});

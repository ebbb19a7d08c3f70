import { expect, test } from "vitest";
import { classifyError } from "./classify-error.ts";
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

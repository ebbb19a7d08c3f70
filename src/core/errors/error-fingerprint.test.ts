import { expect, test } from "vitest";
import { fingerprintError, toShape } from "./error-fingerprint.ts";
import type { ErrorCode } from "./error-codes.ts";

const of = (message: string, code: ErrorCode = "JOB_FAILED"): string => fingerprintError({ code, message });

test.each([
  ["row 17 of 4,711 is broken", "row 18 of 9,312,004 is broken"],
  ["no column `x`, got: `-1`", "no column `x`, got: `banana`"],
  ['unknown user "ada"', 'unknown user "grace hopper"'],
  ["unknown user 'ada'", "unknown user 'bob'"],
  ["fetching https://a.example/x?page=1: 502", "fetching https://b.example/other: 502"],
  ["ENOENT: /tmp/millrace-x1/rows.json", "ENOENT: /var/lib/other/rows.csv"],
  ["ENOENT: C:\\data\\rows.json", "ENOENT: D:\\old\\data\\rows.csv"],
  ["lost 0f8fad5b-d9cb-469f-a165-70867728950e", "lost 7c9e6679-7425-40de-944b-e07fc1f90ae7"],
  ["run `r42` stopped", "run `r4711` stopped"],
  ["at 2026-01-02T03:04:05.678Z it broke", "at 2025-11-12T13:14:15Z it broke"],
  [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 is gone",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b is gone",
  ],
])("`%s` and `%s` are the same failure", (one, other) => {
  expect(toShape(one)).toBe(toShape(other));
  expect(of(one)).toBe(of(other));
});

test.each([
  ["1 of 3 jobs did not finish; failed: `load`", "1 of 3 jobs did not finish; failed: `clean`"],
  ["connection refused", "connection reset"],
  ["it doesn't fit and can't be cut", "it doesn't fit or can't be cut"],
])("`%s` and `%s` are not", (one, other) => {
  expect(of(one)).not.toBe(of(other));
});

test("codes tell failures apart that say the same", () => {
  expect(of("it broke", "JOB_FAILED")).not.toBe(of("it broke", "RUN_LOST"));
});

test("a fingerprint is 14 hexadecimal digits, whatever the message is", () => {
  for (const message of ["", "x", "\0", "\ud800", "é".repeat(10), "9".repeat(100_000)]) {
    expect(of(message)).toMatch(/^[0-9a-f]{14}$/);
  }
});

test("hostile messages take no long time", () => {
  const startedAt = performance.now();
  for (const part of ["/", "'", '"', "`", "a/", "../", "1.", "a1", "http://", "0x", "got: `"]) of(part.repeat(50_000));
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

import { expect, test } from "vitest";
import { errorCodes, type ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { isForeignTrouble, TroubleCount } from "./foreign-trouble.ts";
import { toStrayError } from "../attempt/stray-errors.ts";

const troubles: ReadonlySet<string> = new Set(["STORE_UNAVAILABLE", "ENGINE_RESTARTED"]);
const wrappers: Readonly<Record<string, (error: MillraceError) => MillraceError>> = {
  "as it is": (error) => error,
  "in an error of the job": (error) =>
    new MillraceError("JOB_FAILED", "no luck", { cause: new Error("x", { cause: error }) }),
  "gone astray": toStrayError,
};

test.each(Object.entries(wrappers))("%s, an error is the orchestrator's by its code alone", (_name, wrap) => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    expect(isForeignTrouble(wrap(new MillraceError(code, "m")), undefined)).toBe(troubles.has(code));
  }
});

test("a full disk is the orchestrator's when the store said so, and a target's otherwise", () => {
  const full = new MillraceError("DISK_FULL", "no space left for the store");
  expect(isForeignTrouble(full, full)).toBe(true);
  expect(isForeignTrouble(full, undefined)).toBe(false);
  expect(isForeignTrouble(new MillraceError("DISK_FULL", "no space left for out.parquet"), full)).toBe(false);
});

test("the pause grows while trouble lasts, a dozen times in a row is a failure, and any other end begins anew", () => {
  const count = new TroubleCount();
  const pauses = (runId: number): (number | undefined)[] => Array.from({ length: 14 }, () => count.add(runId as RunId));
  const first = pauses(1);
  expect(first.slice(0, 3)).toEqual([100, 200, 400]);
  expect(Math.max(...first.map((pause) => pause ?? 0))).toBe(10_000);
  expect(first.map((pause) => pause === undefined).indexOf(true)).toBe(12);
  expect(first[13]).toBe(100);
  expect(count.add(2 as RunId)).toBe(100);
  count.clear(2 as RunId);
  expect(count.add(2 as RunId)).toBe(100);
});

import { expect, test } from "vitest";
import type { Clock } from "../../core/clock.ts";
import { Surplus } from "./surplus.ts";

function surplusAt(mayEnd: boolean): { readonly surplus: Surplus; readonly pass: (ms: number) => void } {
  let nowMs = 0;
  const clock: Pick<Clock, "now"> = { now: () => nowMs };
  return { surplus: new Surplus(clock as Clock, mayEnd), pass: (ms) => void (nowMs += ms) };
}

test("a run is one too many when nothing waited for it and it did nothing for a minute", () => {
  const { surplus, pass } = surplusAt(true);
  surplus.note(5, 0);
  pass(30_000);
  surplus.note(5, 0);
  expect(surplus.isProven).toBe(false);
  pass(59_999);
  surplus.note(5, 0);
  expect(surplus.isProven).toBe(false);
  pass(1);
  expect(surplus.isProven).toBe(true);
});

test("what waits, and what was done, begins the minute anew", () => {
  for (const [records, lag] of [
    [5, 1],
    [6, 0],
  ] as const) {
    const { surplus, pass } = surplusAt(true);
    surplus.note(5, 0);
    surplus.note(5, 0);
    pass(60_000);
    surplus.note(records, lag);
    expect(surplus.isProven).toBe(false);
    surplus.note(records, 0);
    pass(59_999);
    expect(surplus.isProven).toBe(false);
  }
});

test("a run that is to be there whatever waits is never one too many", () => {
  const { surplus, pass } = surplusAt(false);
  surplus.note(0, 0);
  surplus.note(0, 0);
  pass(600_000);
  expect(surplus.isProven).toBe(false);
});

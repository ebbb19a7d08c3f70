// The line of a sparkline, and the words of a strip of outcomes.
import { expect, test } from "vitest";
import { summarizeOutcomes } from "./outcome-strip.tsx";
import { toLinePath } from "./sparkline.tsx";

test("a gap begins the line anew, and the greatest value touches the top", () => {
  expect(toLinePath([0, 10, null, 5], 30, 12)).toBe("M0.0 11.0L10.0 1.0M30.0 6.0");
});

test("nothing to draw is an empty line", () => {
  expect(toLinePath([], 30, 12)).toBe("");
  expect(toLinePath([null, null], 30, 12)).toBe("");
});

test("a strip says in words what it shows", () => {
  const at = "2026-11-21T00:00:00.000Z";
  const outcome = (state: "FINISHED" | "MISSED" | "ERROR") => ({ run_id: null, state, at, duration_ms: null });
  expect(
    summarizeOutcomes("loads", [outcome("FINISHED"), outcome("MISSED"), outcome("ERROR"), outcome("FINISHED")]),
  ).toBe("last 4 of loads: 2 finished, 1 missed, 1 error; the newest: finished");
  expect(summarizeOutcomes("loads", [])).toBe("loads has not run yet");
});

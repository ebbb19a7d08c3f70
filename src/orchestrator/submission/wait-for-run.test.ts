import { expect, test } from "vitest";
import type { Clock } from "../../core/clock.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { waitForRun } from "./wait-for-run.ts";

/** A clock that a sleep moves, and a store whose one run ends at `endsAtMs`. */
function runThatEndsAt(endsAtMs: number): { clock: Clock; store: Store } {
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    sleep: (durationMs: number) => {
      nowMs += durationMs;
      return Promise.resolve();
    },
  };
  const findRun = (): Promise<RunSummary> =>
    Promise.resolve({ state: nowMs >= endsAtMs ? "FINISHED" : "RUNNING" } as RunSummary);
  return { clock, store: { findRun } as unknown as Store };
}

test.each([3, 40, 450, 60_000])("the end of a run of %i ms is noticed within 20 ms", async (endsAtMs) => {
  const { clock, store } = runThatEndsAt(endsAtMs);
  expect((await waitForRun({ clock, store }, 1 as RunId)).state).toBe("FINISHED");
  expect(clock.now() - endsAtMs).toBeLessThanOrEqual(20);
});

test("changes are told at the first look, at the end, and at most ten times a second in between", async () => {
  const { clock, store } = runThatEndsAt(1_000);
  const told: number[] = [];
  const states: string[] = [];
  const onChange = ({ state }: RunSummary): void => {
    told.push(clock.now());
    states.push(state);
  };
  await waitForRun({ clock, store }, 1 as RunId, { onChange });
  expect(told[0]).toBe(0);
  expect(states.at(-1)).toBe("FINISHED");
  expect(states.filter((state) => state === "FINISHED")).toHaveLength(1);
  const gaps = told.slice(1, -1).map((atMs, index) => atMs - (told[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  expect(told.length).toBeGreaterThan(8);
});

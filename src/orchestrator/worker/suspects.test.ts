import { expect, test } from "vitest";
import { careFor, waitForTurn } from "./suspects.ts";

function run(losses: number): { readonly job: string; readonly losses: number } {
  return { job: "extract", losses };
}

test("a run that lost no worker executes with the others, whatever its job can have", () => {
  expect([careFor(run(0), true, false), careFor(run(0), false, false)]).toEqual(["together", "together"]);
});

test("from its first loss on a run has a process of its own, and where there is none its worker for itself", () => {
  for (let losses = 1; losses < 200; losses += 1) {
    expect(careFor(run(losses), true, false)).toBe(losses < 5 ? "apart" : "alone");
    expect(careFor(run(losses), false, false)).toBe("alone");
  }
});

test("a run without an end of its own is never alone, since nobody could wait for it", () => {
  expect([0, 1, 9].map((losses) => careFor(run(losses), true, true))).toEqual(["together", "apart", "apart"]);
  expect([0, 1, 9].map((losses) => careFor(run(losses), false, true))).toEqual(["together", "together", "together"]);
});

test("a run that is to be alone waits for its turn, until it is aborted, or for half a minute", async () => {
  const slept: number[] = [];
  const late = Promise.withResolvers<void>();
  const clock = {
    now: () => 0,
    sleep: (ms: number, signal?: AbortSignal) => {
      slept.push(ms);
      return new Promise<void>((resolve) => {
        signal?.addEventListener("abort", () => resolve());
        void late.promise.then(resolve);
      });
    },
  };
  const never = new Promise<void>(() => undefined);
  const { signal } = new AbortController();
  expect(await waitForTurn(Promise.resolve(), clock, signal)).toBe(true);
  const control = new AbortController();
  const aborted = waitForTurn(never, clock, control.signal);
  control.abort();
  expect(await aborted).toBe(true);
  const left = waitForTurn(never, clock, signal);
  late.resolve();
  expect(await left).toBe(false);
  expect(slept).toEqual([30_000, 30_000, 30_000]);
});

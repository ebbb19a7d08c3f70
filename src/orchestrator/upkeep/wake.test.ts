import { expect, test } from "vitest";
import type { Clock } from "../../core/clock.ts";
import { Wake } from "./wake.ts";

const stoppedClock: Clock = {
  now: () => 0,
  sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })),
};

test("a wake that comes while nobody waits is not lost", async () => {
  const wake = new Wake(stoppedClock);
  wake.notify();
  await wake.wait(1_000_000);
});

test("a wake ends the wait, and is used up by it", async () => {
  const wake = new Wake(stoppedClock);
  const waiting = wake.wait(1_000_000);
  wake.notify();
  await waiting;
  let woken = false;
  const again = wake.wait(1_000_000).then(() => (woken = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toBe(false);
  wake.notify();
  await again;
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startDeadline } from "./deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const dayMs = 86_400_000;

test.each([1, 1_000, 20 * dayMs, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 30 * dayMs, 100 * dayMs, 5 * 2 ** 31])(
  "a deadline in %i ms comes then and not before",
  async (timeoutMs) => {
    using deadline = startDeadline(timeoutMs);
    await vi.advanceTimersByTimeAsync(timeoutMs - 1);
    expect(deadline.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(deadline.signal.aborted).toBe(true);
  },
);

test("none never comes, and one that is disposed leaves no timer behind", async () => {
  using none = startDeadline(undefined);
  startDeadline(40 * dayMs)[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  expect(none.signal.aborted).toBe(false);
  const gone = startDeadline(1_000);
  gone[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(gone.signal.aborted).toBe(false);
});

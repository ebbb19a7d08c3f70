import fc from "fast-check";
import { expect, test } from "vitest";
import { compressIdle, listTicks, toShare } from "./compress-idle.ts";

const hourMs = 3_600_000;

test("an idle night between two tries takes a small part of the axis", () => {
  const axis = compressIdle(
    [
      { fromMs: 0, toMs: 60_000 },
      { fromMs: 10 * hourMs, toMs: 10 * hourMs + 60_000 },
    ],
    { fromMs: 0, toMs: 10 * hourMs + 60_000 },
  );
  expect(axis.segments.map(({ isCut }) => isCut)).toEqual([false, true, false]);
  expect(toShare(axis, 10 * hourMs) - toShare(axis, 60_000)).toBeLessThan(0.06);
});

test("a short pause is drawn as long as it was", () => {
  const axis = compressIdle(
    [
      { fromMs: 0, toMs: 40_000 },
      { fromMs: 45_000, toMs: 100_000 },
    ],
    { fromMs: 0, toMs: 100_000 },
  );
  expect(axis.segments.some(({ isCut }) => isCut)).toBe(false);
  expect(toShare(axis, 45_000)).toBeCloseTo(0.45);
});

test("nothing is cut while nothing has executed", () => {
  const axis = compressIdle([], { fromMs: 0, toMs: 10 * hourMs });
  expect(axis.segments).toHaveLength(1);
  expect(toShare(axis, 5 * hourMs)).toBeCloseTo(0.5);
});

test("a later instant is never left of an earlier one, and the ends are 0 and 1", () => {
  const times = fc.integer({ min: 0, max: 1_000_000 });
  const intervals = fc.array(fc.tuple(times, times), { maxLength: 12 });
  fc.assert(
    fc.property(intervals, fc.array(times, { minLength: 2 }), (pairs, instants) => {
      const busy = pairs.map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) }));
      const axis = compressIdle(busy, { fromMs: 0, toMs: 1_000_000 });
      const shares = instants.toSorted((a, b) => a - b).map((atMs) => toShare(axis, atMs));
      shares.forEach((share, index) => expect(share).toBeGreaterThanOrEqual((shares[index - 1] ?? 0) - 1e-9));
      expect(toShare(axis, 0)).toBe(0);
      expect(toShare(axis, 1_000_000)).toBeCloseTo(1);
    }),
  );
});

test("ticks are round instants with room between them, and none is within what is cut", () => {
  const axis = compressIdle(
    [
      { fromMs: 7_000, toMs: 607_000 },
      { fromMs: 20 * hourMs, toMs: 20 * hourMs + 600_000 },
    ],
    { fromMs: 7_000, toMs: 20 * hourMs + 600_000 },
  );
  const ticks = listTicks(axis, 0.1);
  expect(ticks.length).toBeGreaterThanOrEqual(4);
  for (const { atMs } of ticks) {
    expect(atMs % 60_000).toBe(0);
    expect(atMs > 607_000 && atMs < 20 * hourMs).toBe(false);
  }
  ticks.forEach(({ share }, index) => expect(share - (ticks[index - 1]?.share ?? -1)).toBeGreaterThanOrEqual(0.1));
});

test("a run of no length has an axis", () => {
  const axis = compressIdle([{ fromMs: 5, toMs: 5 }], { fromMs: 5, toMs: 5 });
  expect(toShare(axis, 5)).toBe(0);
  expect(listTicks(axis)).toEqual([]);
});

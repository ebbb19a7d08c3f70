import fc from "fast-check";
import { expect, test } from "vitest";
import { estimate, type ProgressSample } from "./estimate.ts";

function steady(perSecond: number, seconds: number, total: number | undefined): ProgressSample[] {
  return Array.from({ length: seconds }, (_, index) => ({
    atMs: (index + 1) * 1_000,
    done: perSecond * (index + 1),
    total,
  }));
}

test("a steady run is done when its pace says, within a tenth", () => {
  expect(estimate({ samples: steady(100, 10, 5_000), startedAtMs: 0, nowMs: 10_000 })).toEqual({
    percent: 20,
    ratePerSecond: 100,
    eta: { p50Ms: 40_000, p90Ms: 44_000, basis: "progress" },
  });
});

test("without a total there is a rate and neither percentage nor end", () => {
  expect(estimate({ samples: steady(50, 4, undefined), startedAtMs: 0, nowMs: 4_000 })).toEqual({
    percent: undefined,
    ratePerSecond: 50,
    eta: undefined,
  });
});

test("without progress the past of the job says when", () => {
  const past = { p50Ms: 60_000, p95Ms: 100_000 };
  expect(estimate({ samples: [], startedAtMs: 0, nowMs: 20_000, past })).toEqual({
    percent: undefined,
    ratePerSecond: undefined,
    eta: { p50Ms: 40_000, p90Ms: 71_200, basis: "past" },
  });
});

test("about a run that takes longer than nearly all before it the past says nothing", () => {
  const past = { p50Ms: 60_000, p95Ms: 100_000 };
  expect(estimate({ samples: [], startedAtMs: 0, nowMs: 90_000, past }).eta?.p50Ms).toBe(5_000);
  expect(estimate({ samples: [], startedAtMs: 0, nowMs: 100_000, past }).eta).toBeUndefined();
});

test("the run's own pace counts more the further it is", () => {
  const past = { p50Ms: 1_000_000, p95Ms: 2_000_000 };
  const early = estimate({ samples: steady(10, 5, 1_000), startedAtMs: 0, nowMs: 5_000, past }).eta;
  const late = estimate({ samples: steady(10, 60, 1_000), startedAtMs: 0, nowMs: 60_000, past }).eta;
  expect(early?.basis).toBe("both");
  expect(early?.p50Ms).toBeGreaterThan(500_000);
  expect(late).toEqual({ p50Ms: 40_000, p90Ms: 44_000, basis: "progress" });
});

test("an uneven pace makes a wider range", () => {
  const uneven = [10, 11, 50, 51, 90, 91, 130, 131, 170, 171].map((done, index) => ({
    atMs: (index + 1) * 2_000,
    done,
    total: 1_000,
  }));
  const wide = estimate({ samples: uneven, startedAtMs: 0, nowMs: 20_000 }).eta;
  expect((wide?.p90Ms ?? 0) / (wide?.p50Ms ?? 1)).toBeGreaterThan(1.3);
});

test("a run that went silent gets slower, and its end later", () => {
  const samples = steady(10, 10, 1_000);
  const busy = estimate({ samples, startedAtMs: 0, nowMs: 10_000 });
  const silent = estimate({ samples, startedAtMs: 0, nowMs: 100_000 });
  expect(silent.ratePerSecond).toBeLessThan(busy.ratePerSecond ?? 0);
  expect(silent.eta?.p50Ms).toBeGreaterThan(busy.eta?.p50Ms ?? 0);
});

test("a run that reports more than its total is at 100 percent and done", () => {
  const samples = [{ atMs: 1_000, done: 120, total: 100 }];
  expect(estimate({ samples, startedAtMs: 0, nowMs: 1_000 })).toMatchObject({
    percent: 100,
    eta: { p50Ms: 0, p90Ms: 0 },
  });
});

test("progress that begins again counts from there", () => {
  const samples = [
    { atMs: 1_000, done: 90, total: 100 },
    { atMs: 2_000, done: 10, total: 100 },
    { atMs: 3_000, done: 20, total: 100 },
  ];
  const result = estimate({ samples, startedAtMs: 2_000, nowMs: 3_000 });
  expect([result.percent, result.ratePerSecond]).toEqual([20, 10]);
});

test("whatever a handler reports, percentages and times stay in their bounds", () => {
  const sample = fc.record({
    atMs: fc.nat(1_000_000),
    done: fc.double(),
    total: fc.option(fc.double(), { nil: undefined }),
  });
  const past = fc.option(fc.record({ p50Ms: fc.nat(1_000_000), p95Ms: fc.nat(1_000_000) }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(sample), fc.nat(2_000_000), past, (samples, nowMs, before) => {
      const { percent, ratePerSecond, eta } = estimate({ samples, startedAtMs: 0, nowMs, past: before });
      if (percent !== undefined) expect(percent >= 0 && percent <= 100).toBe(true);
      if (ratePerSecond !== undefined) expect(ratePerSecond).toBeGreaterThan(0);
      if (eta !== undefined) expect(eta.p50Ms >= 0 && eta.p90Ms >= eta.p50Ms).toBe(true);
    }),
  );
});

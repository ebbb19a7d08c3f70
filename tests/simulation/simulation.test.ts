// Thousands of worlds in which everything goes wrong, and none of them may break a promise of the orchestrator.
import { expect, test } from "vitest";
import { requiredFaults } from "./world/fault-counter.ts";
import { regressions } from "./regressions.ts";
import { runSeeds } from "./seed-pool.ts";

/** A sample: `npm run sim` runs twice as many, or as many as it is told to. */
const seeds = 1_000;

test("seeds that once failed do not fail again", async () => {
  const summary = await runSeeds({ seeds: regressions.map(({ seed }) => seed), threads: 2, hours: 0 });
  expect(summary.failures).toEqual([]);
});

test(`${seeds} seeds keep every promise through crashes, partitions, pauses and wrong clocks`, async () => {
  const summary = await runSeeds({
    seeds: Array.from({ length: seeds }, (_, index) => index + 1),
    threads: 2,
    hours: 0,
  });
  expect(summary.failures).toEqual([]);
  expect(summary.seeds).toBe(seeds);
  // A world in which nothing goes wrong proves nothing.
  expect(requiredFaults.filter((kind) => (summary.faults[kind] ?? 0) < seeds / 100)).toEqual([]);
  expect(summary.fenced).toBeGreaterThan(seeds / 10);
});

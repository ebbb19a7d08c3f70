// Short chaos runs on Postgres; `npm run chaos` runs the long ones.
import { expect, test } from "vitest";
import { runCommitUnknown, runKills } from "./scenarios.ts";

const short = { seed: 7, workers: 3, schedulers: 2 };

test("10 kills on Postgres, with restarts and a bad network, lose nothing and count nothing twice", async () => {
  const result = await runKills("postgres", { ...short, kills: 10, runs: 1_000 });
  expect(result.findings).toEqual([]);
  expect(result.checked.acknowledgedRuns).toBeGreaterThanOrEqual(1_000);
  expect(result.checked.effectsTried).toBeGreaterThan(1_000);
  expect(result.faults.get("restart_immediate")).toBe(1);
});

test("40 commits whose answers get lost lose nothing and count nothing twice", async () => {
  const result = await runCommitUnknown({ ...short, workers: 2, cuts: 40, runs: 400 });
  expect(result.findings).toEqual([]);
  expect(result.counts["lost_commit_answers"]).toBe(40);
});

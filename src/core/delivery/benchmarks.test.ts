// Benchmarks say what the reports say, and nothing where these say nothing.
import { expect, test } from "vitest";
import { benchmarkTables, quickCheckMeans, toBenchmarkLevel, toQuickCheck } from "./benchmarks.ts";

test.each([
  ["2021", "change_lead_time", 3599, "elite"],
  ["2021", "change_lead_time", 3600, "high"],
  ["2021", "change_fail_rate", 0.15, "elite"],
  ["2023", "change_lead_time", 3600, "elite"],
  ["2023", "change_fail_rate", 0.15, "medium"],
  ["2023", "change_fail_rate", 0.16, "low"],
  ["2023", "deployment_days_per_week", 5, "elite"],
  ["2023", "deployment_days_per_week", 0, "low"],
  ["2023", "failed_deployment_recovery_time", 604_800, "low"],
  ["2023", "time_to_restore", 60, null],
  ["2023", "deployment_rework_rate", 0.1, null],
  ["2024", "change_fail_rate", 0.1, null],
  ["2025", "change_lead_time", 60, null],
  ["2023", "change_lead_time", null, null],
] as const)("in %s a %s of %s is %s", (year, metric, value, level) => {
  expect(toBenchmarkLevel(year, metric, value)).toBe(level);
});

test("the clusters of 2024 are kept as they are, although a higher one fails more often", () => {
  const [, high, medium] = benchmarkTables["2024"].clusters;
  expect(high?.changeFailRate).toBeGreaterThan(medium?.changeFailRate ?? 1);
  expect(benchmarkTables["2024"].caveat).toContain("not ordered");
});

test("the quick check gives ten points each, and no overall while something is unknown", () => {
  const best = { leadSeconds: 60, deploymentsPerDay: 30, recoverySeconds: 60, changeFailRate: 0, reworkRate: 0 };
  expect(toQuickCheck(best)).toMatchObject({ leadTime: 10, frequency: 10, overall: 10 });
  const worst = { leadSeconds: 3e7, deploymentsPerDay: 0, recoverySeconds: 3e7, changeFailRate: 1, reworkRate: 1 };
  expect(toQuickCheck(worst).overall).toBe(0);
  expect(toQuickCheck({ ...best, recoverySeconds: null })).toMatchObject({ recovery: null, overall: null });
  expect(toQuickCheck({ ...best, leadSeconds: 3 * 86_400 }).leadTime).toBe(6);
  expect(quickCheckMeans.leadTime).toEqual([5.5, 2.4]);
});

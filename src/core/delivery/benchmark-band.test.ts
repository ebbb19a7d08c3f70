import { expect, it } from "vitest";
import { toBenchmarkBand } from "./benchmark-band.ts";
import { benchmarkYears, doraMetrics } from "./dora-metrics.ts";

const day = 86_400;

it.each([
  ["2023", "change_lead_time", day - 1, "elite", "less than a day"],
  ["2023", "change_lead_time", 40 * day, "low", "30 days or more"],
  ["2021", "change_fail_rate", 0.18, "high", "at most 20 %"],
  ["2023", "change_fail_rate", 0.5, "low", "more than 15 %"],
  ["2021", "time_to_restore", 60, "elite", "less than an hour"],
] as const)("in %s a %s of %d is %s: %s", (year, metric, value, level, text) => {
  expect(toBenchmarkBand(year, { metric, value })).toEqual({ level, text, score: null, meanScore: null });
});

it("takes the frequency by days of a week, and by how often it is in all where most weeks have none", () => {
  const bandOf = (value: number, daysPerWeek: number | null) =>
    toBenchmarkBand("2023", { metric: "deployment_frequency", value, daysPerWeek });
  expect(bandOf(9, 5)).toMatchObject({ level: "elite", text: "5 days a week or more" });
  expect(bandOf(9, 0)).toMatchObject({ level: "high", text: "a day a week or more" });
  expect(bandOf(1 / 20, 0)).toMatchObject({ level: "medium", text: "once a month or more" });
  expect(bandOf(0, null)).toMatchObject({ level: "low", text: "once a month is not reached" });
});

it("says nothing of what is not known, and nothing that the year has not", () => {
  for (const year of benchmarkYears) {
    for (const metric of doraMetrics) expect(toBenchmarkBand(year, { metric, value: null })).toBeNull();
    expect(toBenchmarkBand(year, { metric: "open_failures", value: 3 })).toBeNull();
  }
  expect(toBenchmarkBand("2023", { metric: "deployment_rework_rate", value: 0.1 })).toBeNull();
});

it("of 2024 gives no level, and what all groups were like", () => {
  expect(toBenchmarkBand("2024", { metric: "change_fail_rate", value: 0.05 })).toEqual({
    level: null,
    text: "elite 5 %, high 20 %, medium 10 %, low 40 %",
    score: null,
    meanScore: null,
  });
});

it("of 2025 gives the score of the quick check with its category, beside the mean of all industries", () => {
  const lead = toBenchmarkBand("2025", { metric: "change_lead_time", value: 3 * day });
  expect(lead).toEqual({ level: null, text: "a day to a week", score: 6, meanScore: 5.5 });
  const frequency = toBenchmarkBand("2025", { metric: "deployment_frequency", value: 0.5 });
  expect(frequency).toMatchObject({ text: "once a day to once a week", score: 6 });
  expect(toBenchmarkBand("2025", { metric: "change_fail_rate", value: 0.1 })).toMatchObject({ text: "", score: 9 });
});

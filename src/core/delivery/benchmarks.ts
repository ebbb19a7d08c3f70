// What the reports of DORA say other teams do, by year, as data: the years differ in metrics, in bounds, and in what may be compared at all.

export type BenchmarkYear = "2021" | "2023" | "2024" | "2025";
export type BenchmarkLevel = "elite" | "high" | "medium" | "low";
export type BenchmarkMetric =
  | "change_lead_time"
  | "deployment_days_per_week"
  | "change_fail_rate"
  | "failed_deployment_recovery_time"
  | "time_to_restore"
  | "deployment_rework_rate";

/** The worst value that still is of a level; of `deployment_days_per_week` the least one. What is beyond all is low. */
export interface BenchmarkBounds {
  readonly metric: BenchmarkMetric;
  readonly elite: number;
  readonly high: number;
  readonly medium: number;
  /** Whether a value that is the bound belongs to the level. */
  readonly isIncluded: boolean;
  readonly isMoreBetter: boolean;
}

export interface BenchmarkTable {
  readonly year: BenchmarkYear;
  /** `levels` gives each metric a level of its own; `clusters` and `scores` do not. */
  readonly kind: "levels" | "clusters" | "scores";
  readonly bounds: readonly BenchmarkBounds[];
  readonly clusters: readonly BenchmarkCluster[];
  /** What has to be known before a figure is compared. */
  readonly caveat: string;
  readonly source: string;
}

/** A group of teams as it was found: its four values belong together. */
export interface BenchmarkCluster {
  readonly name: BenchmarkLevel;
  readonly leadTime: string;
  readonly frequency: string;
  readonly changeFailRate: number;
  readonly recovery: string;
  readonly shareOfTeams: number;
}

const hour = 3600;
const day = 24 * hour;
const week = 7 * day;

/** Of times: seconds, below the bound; of shares: up to it. */
export const benchmarkTables: Readonly<Record<BenchmarkYear, BenchmarkTable>> = {
  "2021": {
    year: "2021",
    kind: "levels",
    bounds: [
      time("change_lead_time", hour, week, 180 * day),
      frequency(5, 7 / 30, 7 / 182),
      rate(0.15, 0.2, 0.3),
      time("time_to_restore", hour, day, week),
    ],
    clusters: [],
    caveat: "restoring counts from the incident on, not from the deployment; bounds as Apache DevLake has them",
    source: "https://devlake.apache.org/docs/DORA/",
  },
  "2023": {
    year: "2023",
    kind: "levels",
    bounds: [
      time("change_lead_time", day, week, 30 * day),
      frequency(5, 1, 7 / 30),
      rate(0.05, 0.1, 0.15),
      time("failed_deployment_recovery_time", hour, day, week),
    ],
    clusters: [],
    caveat: "bounds as Apache DevLake has them; only failures that a change has caused are recovered from",
    source: "https://devlake.apache.org/docs/DORA/",
  },
  "2024": {
    year: "2024",
    kind: "clusters",
    bounds: [],
    clusters: [
      cluster("elite", "less than a day", "on demand", 0.05, "less than an hour", 0.19),
      cluster("high", "a day to a week", "once a day to once a week", 0.2, "less than a day", 0.22),
      cluster("medium", "a week to a month", "once a week to once a month", 0.1, "less than a day", 0.35),
      cluster("low", "one to six months", "once in one to six months", 0.4, "a week to a month", 0.25),
    ],
    caveat:
      "clusters are not ordered by each metric (the high one fails more often than the medium one), so no metric has a level of its own; the numbers are from pages about the report",
    source: "https://dora.dev/research/2024/dora-report/",
  },
  "2025": {
    year: "2025",
    kind: "scores",
    bounds: [],
    clusters: [],
    caveat:
      "since 2025 there are no clusters: five scores of ten points as the quick check gives them, beside the mean of all industries",
    source: "https://dora.dev/quickcheck/",
  },
};

/** The level of one metric, or null where the year has none for it or the value is unknown. */
export function toBenchmarkLevel(
  year: BenchmarkYear,
  metric: BenchmarkMetric,
  value: number | null,
): BenchmarkLevel | null {
  const bounds = benchmarkTables[year].bounds.find((one) => one.metric === metric);
  if (bounds === undefined || value === null) return null;
  const reaches = (bound: number): boolean => {
    if (bounds.isMoreBetter) return value >= bound;
    return bounds.isIncluded ? value <= bound : value < bound;
  };
  if (reaches(bounds.elite)) return "elite";
  if (reaches(bounds.high)) return "high";
  return reaches(bounds.medium) ? "medium" : "low";
}

/** Seconds, days a week and shares; null for what is unknown. */
export interface QuickCheckValues {
  readonly leadSeconds: number | null;
  readonly deploymentsPerDay: number | null;
  readonly recoverySeconds: number | null;
  readonly changeFailRate: number | null;
  readonly reworkRate: number | null;
}

/** Points from 0 to 10; `overall` is their mean, and null while one is. */
export interface QuickCheckScores {
  readonly leadTime: number | null;
  readonly frequency: number | null;
  readonly recovery: number | null;
  readonly changeFailRate: number | null;
  readonly reworkRate: number | null;
  readonly overall: number | null;
}

/** Mean and deviation over all industries, as the quick check of 2025 compares with. */
export const quickCheckMeans: Readonly<
  Record<Exclude<keyof QuickCheckScores, "overall">, readonly [mean: number, deviation: number | null]>
> = {
  leadTime: [5.5, 2.4],
  frequency: [4.8, 2.8],
  recovery: [7.4, 2.1],
  changeFailRate: [8.1, null],
  reworkRate: [7.8, null],
};

/**
 * The scores of DORA's quick check: categories 1 to 6 become (category − 1) / 5 × 10 points, shares become 10 − percent / 10.
 * @see https://dora.dev/quickcheck/
 */
export function toQuickCheck(values: QuickCheckValues): QuickCheckScores {
  const scores = {
    leadTime: toSpanScore(values.leadSeconds),
    frequency: toFrequencyScore(values.deploymentsPerDay),
    recovery: toSpanScore(values.recoverySeconds),
    changeFailRate: toShareScore(values.changeFailRate),
    reworkRate: toShareScore(values.reworkRate),
  };
  const known = Object.values(scores).filter((score) => score !== null);
  const sum = known.reduce((total, score) => total + score, 0);
  return { ...scores, overall: known.length < 5 ? null : sum / 5 };
}

function toSpanScore(seconds: number | null): number | null {
  return seconds === null
    ? null
    : toPoints([182 * day, 30 * day, week, day, hour].filter((bound) => seconds < bound).length);
}

function toFrequencyScore(perDay: number | null): number | null {
  return perDay === null ? null : toPoints([1 / 182, 1 / 30, 1 / 7, 1, 24].filter((bound) => perDay >= bound).length);
}

function toPoints(category: number): number {
  return (category / 5) * 10;
}

function toShareScore(share: number | null): number | null {
  return share === null ? null : 10 - share * 10;
}

function time(metric: BenchmarkMetric, elite: number, high: number, medium: number): BenchmarkBounds {
  return { metric, elite, high, medium, isIncluded: false, isMoreBetter: false };
}

function rate(elite: number, high: number, medium: number): BenchmarkBounds {
  return { metric: "change_fail_rate", elite, high, medium, isIncluded: true, isMoreBetter: false };
}

function frequency(elite: number, high: number, medium: number): BenchmarkBounds {
  return { metric: "deployment_days_per_week", elite, high, medium, isIncluded: true, isMoreBetter: true };
}

function cluster(
  name: BenchmarkLevel,
  leadTime: string,
  how: string,
  changeFailRate: number,
  recovery: string,
  shareOfTeams: number,
): BenchmarkCluster {
  return { name, leadTime, frequency: how, changeFailRate, recovery, shareOfTeams };
}

// How a figure compares with the benchmarks of a year, in words: a level, a score, or what the groups of teams were like.
import {
  type BenchmarkBounds,
  type BenchmarkLevel,
  benchmarkTables,
  type BenchmarkYear,
  quickCheckMeans,
  type QuickCheckScores,
  type QuickCheckValues,
  toBenchmarkLevel,
  toQuickCheck,
} from "./benchmarks.ts";
import { type DoraMetric, doraMetrics } from "./dora-metrics.ts";

export interface BenchmarkBand {
  /** Null where the year has no levels. */
  readonly level: BenchmarkLevel | null;
  /** The bound of the level, the category, or what groups of teams were like. */
  readonly text: string;
  /** From 0 to 10, 10 being best; null where the year has no scores. */
  readonly score: number | null;
  /** Of all industries. */
  readonly meanScore: number | null;
}

export interface BenchmarkedFigure {
  readonly metric: string;
  /** Seconds, a share, or deployments a day. */
  readonly value: number | null;
  /** Median days with a deployment over complete weeks, for the frequency. */
  readonly daysPerWeek?: number | null;
}

/** Nothing for a figure that is not known, and for one that the year has nothing about. */
export function toBenchmarkBand(year: BenchmarkYear, figure: BenchmarkedFigure): BenchmarkBand | null {
  if (figure.value === null) return null;
  switch (benchmarkTables[year].kind) {
    case "levels":
      return toLevelBand(year, figure.metric, figure.value, figure.daysPerWeek ?? null);
    case "clusters":
      return toClusterBand(year, figure.metric);
    case "scores":
      return toScoreBand(figure.metric, figure.value);
  }
}

function toLevelBand(
  year: BenchmarkYear,
  name: string,
  given: number,
  daysPerWeek: number | null,
): BenchmarkBand | null {
  const metric = name === "deployment_frequency" ? "deployment_days_per_week" : name;
  const bounds = benchmarkTables[year].bounds.find((one) => one.metric === metric);
  if (bounds === undefined) return null;
  const value = name === "deployment_frequency" ? toDaysPerWeek(given, daysPerWeek) : given;
  const level = toBenchmarkLevel(year, bounds.metric, value);
  return level === null ? null : { level, text: describeBound(bounds, level), score: null, meanScore: null };
}

/** Whoever deploys less than weekly has no such day in most weeks: then how often it is in all says more than the median. */
function toDaysPerWeek(perDay: number, daysPerWeek: number | null): number {
  return daysPerWeek !== null && daysPerWeek >= 1 ? daysPerWeek : Math.min(perDay * 7, 1);
}

function describeBound(bounds: BenchmarkBounds, level: BenchmarkLevel): string {
  const bound = bounds[level === "low" ? "medium" : level];
  if (bounds.isMoreBetter) return `${describeDays(bound)} ${level === "low" ? "is not reached" : "or more"}`;
  const text = bounds.metric === "change_fail_rate" ? `${Math.round(bound * 100)} %` : describeSeconds(bound);
  if (bounds.isIncluded) return level === "low" ? `more than ${text}` : `at most ${text}`;
  return level === "low" ? `${text} or more` : `less than ${text}`;
}

function describeDays(perWeek: number): string {
  if (perWeek >= 1) return perWeek === 1 ? "a day a week" : `${perWeek} days a week`;
  return perWeek >= 0.2 ? "once a month" : "once in six months";
}

function describeSeconds(seconds: number): string {
  if (seconds === 3_600) return "an hour";
  const days = seconds / 86_400;
  if (days === 1) return "a day";
  return days === 7 ? "a week" : `${days} days`;
}

function toClusterBand(year: BenchmarkYear, metric: string): BenchmarkBand | null {
  const parts = benchmarkTables[year].clusters.map(({ name, leadTime, frequency, changeFailRate, recovery }) => {
    const texts: Readonly<Record<string, string>> = {
      change_lead_time: leadTime,
      deployment_frequency: frequency,
      change_fail_rate: `${Math.round(changeFailRate * 100)} %`,
      failed_deployment_recovery_time: recovery,
    };
    return texts[metric] === undefined ? undefined : `${name} ${texts[metric]}`;
  });
  if (parts.includes(undefined)) return null;
  return { level: null, text: parts.join(", "), score: null, meanScore: null };
}

type ScoreName = Exclude<keyof QuickCheckScores, "overall">;

const unknown: QuickCheckValues = {
  leadSeconds: null,
  deploymentsPerDay: null,
  recoverySeconds: null,
  changeFailRate: null,
  reworkRate: null,
};

const scoreNames: Readonly<Record<DoraMetric, readonly [value: keyof QuickCheckValues, score: ScoreName]>> = {
  change_lead_time: ["leadSeconds", "leadTime"],
  deployment_frequency: ["deploymentsPerDay", "frequency"],
  change_fail_rate: ["changeFailRate", "changeFailRate"],
  failed_deployment_recovery_time: ["recoverySeconds", "recovery"],
  deployment_rework_rate: ["reworkRate", "reworkRate"],
};

function toScoreBand(metric: string, value: number): BenchmarkBand | null {
  const known = doraMetrics.find((name) => name === metric);
  if (known === undefined) return null;
  const [field, name] = scoreNames[known];
  const score = toQuickCheck({ ...unknown, [field]: value })[name];
  if (score === null) return null;
  return { level: null, text: categoryOf(name, score), score, meanScore: quickCheckMeans[name][0] };
}

/** A share is no category. */
function categoryOf(name: ScoreName, score: number): string {
  if (name === "changeFailRate" || name === "reworkRate") return "";
  return (name === "frequency" ? frequencies : spans)[Math.round(score / 2)] ?? "";
}

/** From 0 to 10 points. */
const spans: readonly string[] = [
  "more than six months",
  "one to six months",
  "a week to a month",
  "a day to a week",
  "less than a day",
  "less than an hour",
];

const frequencies: readonly string[] = [
  "less than once in six months",
  "once a month to once in six months",
  "once a week to once a month",
  "once a day to once a week",
  "once an hour to once a day",
  "on demand",
];

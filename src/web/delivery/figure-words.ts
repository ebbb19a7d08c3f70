// Figures of delivery in words: what they are called, what they say, and which rows are behind them.
import { formatCount, formatMs } from "../components/values/format-quantity.ts";

/** What is not known says so, so that nobody takes it for nothing. */
export function formatFigure(value: number | null, unit: string): string {
  if (value === null) return "unknown";
  if (unit === "seconds") return formatMs(value * 1_000);
  if (unit === "share") return `${formatNumber(value * 100)} %`;
  if (unit === "deployments a day") return formatFrequency(value);
  if (unit === "days") return `${formatNumber(value)} ${value === 1 ? "day" : "days"}`;
  return formatNumber(value);
}

/** Three digits at most below a thousand. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1_000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** How often, by the longest of day, week and month in which it is once or more. */
function formatFrequency(perDay: number): string {
  if (perDay === 0) return "none";
  if (perDay >= 1) return `${formatNumber(perDay)} a day`;
  if (perDay * 7 >= 1) return `${formatNumber(perDay * 7)} a week`;
  return `${formatNumber(perDay * 30.44)} a month`;
}

export const figureNames: Readonly<Record<string, string>> = {
  change_lead_time: "Change lead time",
  deployment_frequency: "Deployment frequency",
  change_fail_rate: "Change fail rate",
  failed_deployment_recovery_time: "Failed deployment recovery time",
  deployment_rework_rate: "Deployment rework rate",
  commit_lead_time: "Commit lead time",
  time_to_restore: "Time to restore",
  deployments: "Deployments",
  deployment_days_per_week: "Days with a deployment, a week",
  open_failures: "Failures that are open",
  stage_coding: "Stage: coding",
  stage_pickup: "Stage: waiting for a review",
  stage_review: "Stage: review",
  stage_merge_wait: "Stage: waiting for the merge",
  stage_deploy: "Stage: waiting for the deployment",
};

export const stageNames = {
  coding: "Coding",
  pickup: "Waiting for a review",
  review: "Review",
  merge_wait: "Waiting for the merge",
  deploy: "Waiting for the deployment",
} as const;

/** What a figure is of, in a few words. */
export const figureMeanings: Readonly<Record<string, string>> = {
  change_lead_time: "median from the first commit to production",
  deployment_frequency: "deployments to production",
  change_fail_rate: "of deployments needed a repair at once",
  failed_deployment_recovery_time: "median from a failed deployment to its repair",
  deployment_rework_rate: "of deployments were repairs that nobody had planned",
};

/** A value for the mark of a scale, whose smaller unit says nothing where it is nothing: `3 d`. */
export function formatMark(value: number | null, unit: string): string {
  return formatFigure(value, unit).replace(/ 0+ [hms]$/, "");
}

/** `week of 19 Jan 2026`, and `January 2026` of a month, as the figures have their days: in UTC, where most begin. */
export function formatPeriod(startAt: string, period: "week" | "month"): string {
  const date = new Date(startAt);
  // the begin of a period in another zone is some hours off
  const middle = new Date(date.getTime() + 14 * 3_600_000);
  return period === "month" ? months.format(middle) : `week of ${days.format(middle)}`;
}

/** As `formatPeriod`, with an article where a sentence needs one. */
export function namePeriod(startAt: string, period: "week" | "month"): string {
  return period === "month" ? formatPeriod(startAt, period) : `the ${formatPeriod(startAt, period)}`;
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const months = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

// Thresholds that a job declares for the figures of its runs, and which of them a run has broken.
import { z } from "zod";
import { MillraceError } from "../errors/errors.ts";
import { namePattern } from "../name.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, text } from "../spec/option-values.ts";
import { refusal } from "../spec/parse-options.ts";
import { describeBounds, formatMetricName, type JobMetric, maxMetrics } from "./metric.ts";

/** What a job expects of one of its figures. */
export interface MetricRuleOptions {
  /** The least value that is right. */
  readonly min?: number;
  /** The greatest value that is right. */
  readonly max?: number;
  /** For people, where `ctx.metric` says none. */
  readonly unit?: string;
  /** When a value is outside, or none was recorded: a warning, or a failed run. Default `warn`. */
  readonly onBreach?: "warn" | "fail";
}

export interface MetricRule {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly unit: string | undefined;
  readonly onBreach: "warn" | "fail";
}

/** By the name of the metric. */
export type MetricRules = Readonly<Record<string, MetricRule>>;

/** A figure outside of its thresholds; `metric` is left out when the run recorded none of that name. */
export interface MetricBreach {
  readonly name: string;
  readonly rule: MetricRule;
  readonly metric?: JobMetric;
}

type RulesInput = Readonly<Record<string, MetricRuleOptions>>;

/** The option `metrics` of a job. */
export function metricRulesOption(): z.ZodType<RulesInput, RulesInput> {
  const bound = (): z.ZodOptional<z.ZodNumber> => optional(expecting("a finite number", z.number()));
  const rule = z.strictObject({
    min: bound(),
    max: bound(),
    unit: optional(text()),
    onBreach: optional(choice(["warn", "fail"]), '`"warn"`'),
  });
  const rules = z.record(z.string(), expecting("an object with `min`, `max`, `unit` and `onBreach`", rule));
  // zod lets options be `undefined` where the types let them be left out.
  return expecting("an object with thresholds by the name of the metric", rules) as unknown as z.ZodType<
    RulesInput,
    RulesInput
  >;
}

/** @throws MillraceError `JOB_INVALID` for a rule that no value keeps */
export function createMetricRules(job: string, options: RulesInput): MetricRules {
  const where = `job \`${job}\``;
  const entries = Object.entries(options);
  if (entries.length > maxMetrics)
    throw refusal(where, ["metrics"], `rules for at most ${maxMetrics} metrics`, entries.length);
  for (const [name, { min = -Infinity, max = Infinity }] of entries) {
    if (!namePattern.test(name))
      throw refusal(where, ["metrics"], "rules by names of lower case letters, digits and `_`", name);
    if (min > max) throw refusal(where, ["metrics", name, "min"], `at most \`max\` (${max})`, min);
  }
  return Object.freeze(
    Object.fromEntries(
      entries.map(([name, { min, max, unit, onBreach = "warn" }]) => [name, { min, max, unit, onBreach }]),
    ),
  );
}

/** Figures outside of their thresholds, and those that have thresholds and were not recorded, in the order of the rules. */
export function findBreaches(rules: MetricRules, metrics: readonly JobMetric[]): readonly MetricBreach[] {
  const byName = Map.groupBy(metrics, ({ name }) => name);
  return Object.entries(rules).flatMap(([name, rule]): readonly MetricBreach[] => {
    if (rule.min === undefined && rule.max === undefined) return [];
    const recorded = byName.get(name);
    if (recorded === undefined) return [{ name, rule }];
    return recorded.filter(({ value }) => isOutside(rule, value)).map((metric) => ({ name, rule, metric }));
  });
}

/** ``metric `orders_loaded` is 0 rows, expected at least 1``. */
export function describeBreach({ name, rule, metric }: MetricBreach): string {
  if (metric === undefined) return `metric \`${name}\` was not recorded, expected ${describeBounds(rule)}`;
  const unit = metric.unit === undefined ? "" : ` ${metric.unit}`;
  return `metric \`${formatMetricName(metric)}\` is ${metric.value}${unit}, expected ${describeBounds(rule)}`;
}

/** The error of a run whose figures broke rules that fail it; `undefined` when none of them does. */
export function toBreachError(job: string, breaches: readonly MetricBreach[]): MillraceError | undefined {
  const failing = breaches.filter(({ rule }) => rule.onBreach === "fail");
  if (failing.length === 0) return undefined;
  const told = failing.slice(0, 10).map(describeBreach).join("; ");
  const more = failing.length > 10 ? `; and ${failing.length - 10} more` : "";
  return new MillraceError("METRIC_BREACHED", `job \`${job}\`: ${told}${more}`, {
    hint: "what the run published stays; look at why the figure is outside, or correct `metrics` of the job",
  });
}

function isOutside({ min = -Infinity, max = Infinity }: MetricRule, value: number): boolean {
  return value < min || value > max;
}

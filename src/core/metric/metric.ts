// A business figure that a run records with `ctx.metric`, such as how many orders it loaded. One that could not be charted
// or compared is refused where it is recorded.
import { MillraceError } from "../errors/errors.ts";
import { namePattern } from "../name.ts";

export interface MetricOptions {
  /** Such as `rows`, `EUR` or `%`, for people. Default: the unit that the job declares for the metric. */
  readonly unit?: string;
  /** Tells values of one name apart, such as `{ region: "eu" }`. At most five. */
  readonly labels?: MetricLabels;
}

export type MetricLabels = Readonly<Record<string, string>>;

export interface JobMetric {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  /** In the order of their names. */
  readonly labels: MetricLabels;
}

/** Values of a run, counted by name and labels. */
export const maxMetrics = 100;

const maxLabels = 5;
const maxLabelLength = 100;
const maxUnitLength = 20;

/** A figure as a job gave it. @throws MillraceError `VALUE_INVALID` naming what is wrong with it */
export function toMetric(name: string, value: number, { unit, labels = {} }: MetricOptions = {}): JobMetric {
  if (typeof name !== "string" || !namePattern.test(name))
    throw refusal("the name of a metric to be lower case letters, digits and `_`", name);
  if (typeof value !== "number" || !Number.isFinite(value))
    throw refusal(`metric \`${name}\` to be a finite number`, value);
  if (unit !== undefined && !isShortText(unit, maxUnitLength))
    throw refusal(`\`unit\` of metric \`${name}\` to be a text of at most ${maxUnitLength} characters`, unit);
  return { name, value, ...(unit === undefined ? {} : { unit }), labels: toLabels(name, labels) };
}

/** Tells the values of a run apart: the same name with other labels is another one. */
export function metricKey({ name, labels }: Pick<JobMetric, "name" | "labels">): string {
  return JSON.stringify([name, labels]);
}

/** `orders_loaded`, or `orders_loaded{region="eu"}`. */
export function formatMetricName({ name, labels }: Pick<JobMetric, "name" | "labels">): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(", ")}}`;
}

/** `at least 1`, `at most 100`, `1 to 100`; nothing without thresholds. */
export function describeBounds({
  min,
  max,
}: {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  return max === undefined ? "" : `at most ${max}`;
}

function toLabels(name: string, labels: MetricLabels): MetricLabels {
  const isObject = typeof labels === "object" && labels !== null && !Array.isArray(labels);
  if (!isObject) throw refusal(`\`labels\` of metric \`${name}\` to be an object of texts`, labels);
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > maxLabels)
    throw refusal(`metric \`${name}\` to have at most ${maxLabels} labels`, entries.length);
  for (const [label, text] of entries) {
    if (!namePattern.test(label))
      throw refusal(`labels of metric \`${name}\` to have names of lower case letters, digits and \`_\``, label);
    if (!isShortText(text, maxLabelLength))
      throw refusal(`label \`${label}\` of metric \`${name}\` to be a text of 1 to ${maxLabelLength} characters`, text);
  }
  return Object.fromEntries(entries);
}

function isShortText(text: unknown, maxLength: number): boolean {
  return typeof text === "string" && text.length > 0 && text.length <= maxLength;
}

function refusal(expected: string, got: unknown): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected ${expected}, got: \`${String(got)}\``, {
    hint: 'for example ctx.metric("orders_loaded", 1203, { unit: "rows", labels: { region: "eu" } })',
  });
}

// The values of one business figure as points of a chart: oldest first, over a scale that has room for its thresholds.
import type { JobMetric, MetricValue } from "../../api/figure.ts";

export interface FigurePoint {
  readonly value: MetricValue;
  /** 0 for the oldest, 1 for the newest. */
  readonly x: number;
  /** 0 for the least of the scale, 1 for the greatest. */
  readonly y: number;
}

export interface FigureScale {
  readonly low: number;
  readonly high: number;
  /** Values with a line, from low to high. */
  readonly ticks: readonly number[];
}

/** The scale of all values and bounds; a figure that never changes stands in the middle. */
export function scaleOf(
  values: readonly Pick<MetricValue, "value">[],
  { min, max }: Pick<JobMetric, "min" | "max">,
): FigureScale {
  const all = [...values.map(({ value }) => value), ...[min, max].filter((bound) => bound !== null)];
  const least = all.reduce((found, value) => Math.min(found, value), Infinity);
  const most = all.reduce((found, value) => Math.max(found, value), -Infinity);
  if (all.length === 0) return { low: 0, high: 1, ticks: [0, 1] };
  const room = least === most ? Math.max(1, Math.abs(least) / 2) : (most - least) * 0.08;
  const step = niceStep((most - least + 2 * room) / 3);
  // Zero is the floor of what is never negative.
  const low = least >= 0 && least - room < 0 ? 0 : Math.floor((least - room) / step) * step;
  const high = Math.ceil((most + room) / step) * step;
  const count = Math.round((high - low) / step);
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, index) => clean(low + index * step)) };
}

/** Runs stand side by side, since what matters is one after the other. */
export function placePoints(values: readonly MetricValue[], scale: FigureScale): readonly FigurePoint[] {
  const oldestFirst = values.toReversed();
  const runs = [...new Set(oldestFirst.map(({ run_id: runId }) => runId))];
  const placeOf = new Map(runs.map((runId, index) => [runId, runs.length === 1 ? 0.5 : index / (runs.length - 1)]));
  return oldestFirst.map((value) => ({
    value,
    x: placeOf.get(value.run_id) ?? 0,
    y: placeValue(value.value, scale),
  }));
}

/** From 0 to 1. */
export function placeValue(value: number, { low, high }: FigureScale): number {
  return high === low ? 0.5 : (value - low) / (high - low);
}

function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= atLeast) ?? 10);
}

// 0.1 + 0.2 is no tick that people read.
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

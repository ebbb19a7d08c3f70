// Medians and spreads of a few repetitions. Percentiles are nearest-rank, so each is a value that was measured.
import type { Measure } from "./bench.ts";

export interface Summary {
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: rank(sorted, 0.5), p95: rank(sorted, 0.95), min: rank(sorted, 0), max: rank(sorted, 1) };
}

/** Ours divided by the peer's value of the same repetition: what slows the machine down for a while slows both. */
export function ratios({ ours, peer }: Measure): number[] {
  return ours.map((value, repetition) => value / (peer.values[repetition] ?? Number.NaN));
}

/** Tells whether the median, or p95 where the target says so, keeps the target; `undefined` without one. */
export function isMet(measure: Measure): boolean | undefined {
  const { target, ours } = measure;
  if (target === undefined) return undefined;
  const { p50, p95 } = summarize(target.kind === "ratio" ? ratios(measure) : ours);
  return (target.kind === "p95" ? p95 : p50) <= target.atMost;
}

/** Value at `share` (0–1) of a sorted list. */
function rank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

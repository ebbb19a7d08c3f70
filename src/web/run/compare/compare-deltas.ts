// What changed between two runs as numbers and words: pure, so that tables only print it.
import type { Comparison } from "../../../api/run.ts";

export interface Delta {
  /** The value of the second run less that of the first. */
  readonly difference: number;
  /** As a share of the first; undefined when that is 0. */
  readonly share: number | undefined;
  /** Beyond what runs differ in anyway. */
  readonly isNotable: boolean;
}

export type ComparedJob = Comparison["jobs"][number];

/** A duration counts as changed from a fifth on, and never below a second. */
const notableShare = 0.2;
const notableMs = 1_000;

/** Undefined where one of them has no value. */
export function compareDurations([before, after]: readonly [number | null, number | null]): Delta | undefined {
  if (before === null || after === null) return undefined;
  const difference = after - before;
  const isNotable = Math.abs(difference) >= notableMs && Math.abs(difference) >= Math.min(before, after) * notableShare;
  return { difference, share: before === 0 ? undefined : difference / before, isNotable };
}

/** Any difference in rows may matter. */
export function compareCounts([before, after]: readonly [number | null, number | null]): Delta | undefined {
  if (before === null || after === null) return undefined;
  const difference = after - before;
  return { difference, share: before === 0 ? undefined : difference / before, isNotable: difference !== 0 };
}

/** Jobs that differ most first: other states, then jobs of one side only, then by the difference of durations. */
export function sortByDifference(jobs: readonly ComparedJob[]): readonly ComparedJob[] {
  return jobs.toSorted((a, b) => weigh(b) - weigh(a) || (a.job_name < b.job_name ? -1 : 1));
}

/** `+12%`, `−0.4%`, `×3.1`: short, with its sign. */
export function formatShare(share: number): string {
  if (share >= 1) return `×${(share + 1).toFixed(1)}`;
  const percent = Math.abs(share) * 100;
  const text = percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1);
  return `${share < 0 ? "−" : "+"}${text}%`;
}

function weigh({ states: [before, after], durations_ms: durations }: ComparedJob): number {
  const dayMs = 86_400_000;
  if (before === null || after === null) return 20 * dayMs;
  const byState = before === after ? 0 : 100 * dayMs;
  return byState + Math.min(10 * dayMs, Math.abs(compareDurations(durations)?.difference ?? 0));
}

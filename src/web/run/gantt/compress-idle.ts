// The time axis of the bars of a run: stretches where nothing executed are cut short, so that a retry tomorrow does not make
// today invisible. Order is kept: a later instant is never left of an earlier one.

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface AxisSegment extends Interval {
  /** Where the span begins, as a share of the width of the axis, 0 to 1. */
  readonly fromShare: number;
  readonly toShare: number;
  /** Nothing executed, and the stretch is drawn shorter than it was. */
  readonly isCut: boolean;
}

export interface TimeAxis extends Interval {
  /** Cover the axis without gaps. */
  readonly segments: readonly AxisSegment[];
}

export interface AxisTick {
  readonly atMs: number;
  readonly share: number;
}

/** Shorter stretches are never cut. */
const leastCutMs = 10_000;
/** A stretch is cut when it is longer than this share of all time in which something executed… */
const cutAboveShare = 0.15;
/** …and drawn as long as this share of it. */
const cutToShare = 0.05;

/** An axis over `range` in which the stretches outside all `busy` intervals are cut short. */
export function compressIdle(busy: readonly Interval[], range: Interval): TimeAxis {
  const merged = mergeIntervals(busy, range);
  const busyMs = merged.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const longestMs = merged.length === 0 ? Infinity : Math.max(leastCutMs, busyMs * cutAboveShare);
  const pieces: (Interval & { isCut: boolean; lengthMs: number })[] = [];
  let atMs = range.fromMs;
  const addIdle = (toMs: number): void => {
    const idleMs = toMs - atMs;
    if (idleMs <= 0) return;
    const isCut = idleMs > longestMs;
    pieces.push({ fromMs: atMs, toMs, isCut, lengthMs: isCut ? Math.max(1, busyMs * cutToShare) : idleMs });
  };
  for (const { fromMs, toMs } of merged) {
    addIdle(fromMs);
    pieces.push({ fromMs, toMs, isCut: false, lengthMs: toMs - fromMs });
    atMs = toMs;
  }
  addIdle(range.toMs);
  return { ...range, segments: scale(pieces) };
}

/** Where an instant stands on the axis, 0 to 1; those outside stand at its ends. */
export function toShare(axis: TimeAxis, atMs: number): number {
  if (atMs <= axis.fromMs) return 0;
  for (const { fromMs, toMs, fromShare, toShare: endShare } of axis.segments) {
    if (atMs <= toMs) return fromShare + ((atMs - fromMs) / (toMs - fromMs)) * (endShare - fromShare);
  }
  return 1;
}

/** Round instants, at least `leastShare` of the width apart; none within what is cut. */
export function listTicks(axis: TimeAxis, leastShare = 0.1): AxisTick[] {
  const ticks: AxisTick[] = [];
  for (const segment of axis.segments) {
    const share = segment.toShare - segment.fromShare;
    if (segment.isCut || share <= 0) continue;
    const stepMs = roundUpStep(((segment.toMs - segment.fromMs) / share) * leastShare);
    for (let atMs = Math.ceil(segment.fromMs / stepMs) * stepMs; atMs <= segment.toMs; atMs += stepMs) {
      const at = toShare(axis, atMs);
      if (at - (ticks.at(-1)?.share ?? -1) >= leastShare) ticks.push({ atMs, share: at });
    }
  }
  return ticks;
}

function mergeIntervals(intervals: readonly Interval[], range: Interval): Interval[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const interval of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const fromMs = Math.max(range.fromMs, interval.fromMs);
    const toMs = Math.min(range.toMs, interval.toMs);
    if (toMs <= fromMs) continue;
    const last = merged.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else merged.push({ fromMs, toMs });
  }
  return merged;
}

function scale(pieces: readonly (Interval & { readonly isCut: boolean; readonly lengthMs: number })[]): AxisSegment[] {
  const totalMs = pieces.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  let passedMs = 0;
  return pieces.map(({ fromMs, toMs, isCut, lengthMs }) => {
    const fromShare = passedMs / totalMs;
    passedMs += lengthMs;
    return { fromMs, toMs, isCut, fromShare, toShare: passedMs / totalMs };
  });
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const stepsMs = [
  [10, 20, 50, 100, 200, 500],
  [1, 2, 5, 10, 15, 30].map((count) => count * secondMs),
  [1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  [1, 2, 3, 6, 12].map((count) => count * hourMs),
].flat();

function roundUpStep(leastMs: number): number {
  return stepsMs.find((stepMs) => stepMs >= leastMs) ?? Math.ceil(leastMs / dayMs) * dayMs;
}

// Places instants on the timeline: it maps a range of time to a width, with marks at round times, and zooms and moves
// within the loaded range.

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const minuteMs = 60_000;
const steps = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * minuteMs);
const shortestMs = 15 * minuteMs;

/** Distance from the left edge, in the unit of `width`. */
export function toX(atMs: number, { fromMs, toMs }: TimeRange, width: number): number {
  return ((atMs - fromMs) / Math.max(1, toMs - fromMs)) * width;
}

/** Round times in the range, at least `gap` apart. `offsetMs` is that of the reader's zone, so that hours are round there. */
export function listMarks(range: TimeRange, width: number, gap: number, offsetMs: number): readonly number[] {
  const most = Math.max(1, Math.floor(width / gap));
  const spanMs = range.toMs - range.fromMs;
  const stepMs = steps.find((step) => spanMs / step <= most) ?? steps.at(-1) ?? spanMs;
  const marks: number[] = [];
  const firstMs = Math.ceil((range.fromMs + offsetMs) / stepMs) * stepMs - offsetMs;
  for (let atMs = firstMs; atMs <= range.toMs; atMs += stepMs) marks.push(atMs);
  return marks;
}

/** `factor` 0.5 shows half as long a time around `centerMs`; never beyond `limits`, never shorter than 15 minutes. */
export function zoomRange(range: TimeRange, factor: number, centerMs: number, limits: TimeRange): TimeRange {
  const spanMs = Math.min(limits.toMs - limits.fromMs, Math.max(shortestMs, (range.toMs - range.fromMs) * factor));
  const share = (centerMs - range.fromMs) / Math.max(1, range.toMs - range.fromMs);
  const fromMs = centerMs - spanMs * Math.min(1, Math.max(0, share));
  return clampRange({ fromMs, toMs: fromMs + spanMs }, limits);
}

/** By a share of what is shown: 0.5 is half a screen later. */
export function moveRange(range: TimeRange, share: number, limits: TimeRange): TimeRange {
  const byMs = (range.toMs - range.fromMs) * share;
  return clampRange({ fromMs: range.fromMs + byMs, toMs: range.toMs + byMs }, limits);
}

function clampRange({ fromMs, toMs }: TimeRange, limits: TimeRange): TimeRange {
  const spanMs = Math.min(toMs - fromMs, limits.toMs - limits.fromMs);
  const clampedMs = Math.min(Math.max(fromMs, limits.fromMs), limits.toMs - spanMs);
  return { fromMs: clampedMs, toMs: clampedMs + spanMs };
}

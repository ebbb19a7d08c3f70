// A logarithmic scale for durations, which spread over orders of magnitude. Values at or below the lower end sit on it.

export interface LogScale {
  /** 0 at the lower end, 1 at the upper one. */
  position(value: number): number;
  /** Round values to mark, the lowest first. */
  readonly ticks: readonly number[];
}

/** Spans the values, rounded out to the next tick. Without values it spans 1 s to 1 min. */
export function createLogScale(values: readonly number[]): LogScale {
  const positive = values.filter((value) => value > 0);
  const low = positive.length === 0 ? 1_000 : Math.min(...positive);
  const high = positive.length === 0 ? 60_000 : Math.max(...positive);
  const below = roundMs.findLastIndex((tick) => tick <= low);
  const first = Math.min(Math.max(below, 0), roundMs.length - 2);
  const above = roundMs.findIndex((tick) => tick >= high);
  const last = Math.max(above < 0 ? roundMs.length - 1 : above, first + 1);
  const [min, max] = [roundMs[first] ?? 1, roundMs[last] ?? Math.max(high, 2)];
  const span = Math.log(max / min);
  return {
    position: (value) => Math.min(1, Math.max(0, Math.log(Math.max(value, min) / min) / span)),
    ticks: thin(roundMs.slice(first, last + 1)),
  };
}

// 1 ms to 30 d.
const roundMs: readonly number[] = [
  1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 60_000, 180_000, 600_000, 1_800_000, 3_600_000, 10_800_000,
  43_200_000, 86_400_000, 259_200_000, 2_592_000_000,
];

// More than seven marks are hard to read; both ends stay.
function thin(ticks: readonly number[]): readonly number[] {
  const step = Math.ceil((ticks.length - 1) / 6);
  return ticks.filter((_, index) => index % Math.max(1, step) === 0 || index === ticks.length - 1);
}

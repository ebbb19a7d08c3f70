// A linear scale from zero to a round value, with marks that people can read, also where the values are seconds.

export interface RoundScale {
  /** The upper end; more than 0. */
  readonly max: number;
  /** From 0 on. */
  readonly ticks: readonly number[];
}

/** Values that are not known count for nothing. */
export function createRoundScale(values: readonly (number | null)[], unit: string): RoundScale {
  const highest = Math.max(0, ...values.filter((value) => value !== null));
  const step = unit === "seconds" ? stepOf(highest, secondSteps) : roundStep(highest);
  const count = Math.max(1, Math.ceil(highest / step));
  return { max: step * count, ticks: Array.from({ length: count + 1 }, (_, index) => step * index) };
}

/** What is below it is nothing on any chart. */
const least = 1e-9;

/** At most four steps of it reach the value. */
const most = 4;

const day = 86_400;
const secondSteps: readonly number[] = [
  60,
  300,
  900,
  1_800,
  3_600,
  10_800,
  21_600,
  43_200,
  day,
  2 * day,
  5 * day,
  10 * day,
  30 * day,
  60 * day,
  180 * day,
];

function stepOf(highest: number, steps: readonly number[]): number {
  return steps.find((step) => step * most >= highest) ?? Math.ceil(highest / most / day) * day;
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(highest: number): number {
  if (highest < least) return 1;
  const power = 10 ** Math.floor(Math.log10(highest / most));
  const factor = [1, 2, 5, 10].find((one) => one * power * most >= highest * (1 - 1e-9)) ?? 10;
  return factor * power;
}

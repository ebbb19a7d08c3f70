// The smallest step of time that a service tells apart. Ranges end at such a step, and the last step within a range is its
// inclusive end.
import { floorDiv, localToUtc, offsetMicros } from "./instant-format.ts";

export type Granularity = "day" | "hour" | "minute" | "second" | "millisecond" | "microsecond";

/** The beginning of the step that an instant lies in. @param micros since the Unix epoch @param timezone whose days and hours count */
export function floorTo(micros: bigint, granularity: Granularity, timezone: string): bigint {
  const size = sizes[granularity];
  // hours and days begin when clocks of the zone show it; shorter steps are the same everywhere
  if (size < 3_600_000_000n) return floorDiv(micros, size) * size;
  const offset = offsetMicros(micros, timezone);
  const local = floorDiv(micros + offset, size) * size;
  // an hour that clocks show twice is two steps, and a day begins once
  const isSame = granularity === "hour" && offsetMicros(local - offset, timezone) === offset;
  return isSame ? local - offset : localToUtc(local, timezone);
}

/** The beginning of the last step before `end`. */
export function lastStep(end: bigint, granularity: Granularity, timezone: string): bigint {
  return floorTo(end - 1n, granularity, timezone);
}

const sizes: Readonly<Record<Granularity, bigint>> = {
  day: 86_400_000_000n,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1_000n,
  microsecond: 1n,
};

// A range of time as the service wants it written.
import type { Variables } from "../../core/dataset/variables.ts";
import { floorTo, type Granularity, lastStep } from "../../core/schedule/granularity.ts";
import { formatInstant, type InstantFormat, toMicros } from "../../core/schedule/instant-format.ts";
import type { Window } from "../../core/schedule/window.ts";

export interface WindowFormat {
  readonly format?: InstantFormat;
  readonly granularity?: Granularity;
  readonly timezone?: string;
}

/** With a granularity, `from` is the first step and `to` the last one, both of them in the range. */
export function formatWindow(
  { from, to }: Window,
  { format = "iso", granularity, timezone = "UTC" }: WindowFormat = {},
): Variables {
  const [start, end] = [toMicros(from), toMicros(to)];
  const [first, last] =
    granularity === undefined
      ? [start, end]
      : [floorTo(start, granularity, timezone), lastStep(end, granularity, timezone)];
  return { from: formatInstant(first, format, timezone), to: formatInstant(last, format, timezone) };
}

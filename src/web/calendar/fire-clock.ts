// The time of a fire by the clock of the calendar. A schedule may have a clock of its own; it is told beside it, never instead.
import { type TimeZone } from "../../core/schedule/time-zone.ts";
import { type CalendarFire } from "./place-fires.ts";

/** `02:30`, as the clock of that zone showed at the instant. */
export function clockAt(atMs: number, zone: TimeZone): string {
  return new Date(atMs + zone.offsetMs(atMs)).toISOString().slice(11, 16);
}

/** `08:00 Europe/Berlin (2026-06-01 02:00 America/New_York)`: the second only where the schedule goes by another zone. */
export function describeClocks({ at, local, timezone }: CalendarFire, zone: TimeZone): string {
  const own = timezone === zone.name ? "" : ` (${local} ${timezone})`;
  return `${clockAt(Date.parse(at), zone)} ${zone.name}${own}`;
}

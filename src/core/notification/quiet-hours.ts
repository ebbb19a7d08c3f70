// Hours in which nobody wants to be told of what can wait.
import { parseTimeZone } from "../schedule/time-zone.ts";

/** A part of each day by the clock of a time zone; `from` after `to` goes over midnight. */
export interface QuietHours {
  /** `22:00` */
  readonly from: string;
  /** `07:00`, no longer part of it. */
  readonly to: string;
  readonly timezone: string;
}

const minuteMs = 60_000;
const dayMinutes = 1_440;

/** When what comes at `atMs` may be told: then, or when the quiet hours that it falls into end. */
export function tellableAt({ from, to, timezone }: QuietHours, atMs: number): number {
  const zone = parseTimeZone(timezone);
  const [start, end] = [toMinutes(from), toMinutes(to)];
  const localMs = atMs + zone.offsetMs(atMs);
  const minute = (((localMs / minuteMs) % dayMinutes) + dayMinutes) % dayMinutes;
  const isQuiet = start <= end ? minute >= start && minute < end : minute >= start || minute < end;
  if (!isQuiet) return atMs;
  const leftMs = ((end - minute + dayMinutes) % dayMinutes) * minuteMs;
  // The clock may be set before the hours end: they end when it shows their end.
  const endsAtMs = atMs + leftMs;
  return endsAtMs + zone.offsetMs(atMs) - zone.offsetMs(endsAtMs);
}

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

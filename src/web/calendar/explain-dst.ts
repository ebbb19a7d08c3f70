// Sentences about changes of the clock, for people who wonder why a fire is not where it usually is.
import { type CalendarFire, type ClockChange } from "./place-fires.ts";

/** What the change of the clock does to a fire; null when it does nothing. */
export function explainDst(fire: CalendarFire): string | null {
  const time = fire.local.slice(11);
  if (fire.dst === "moved") {
    return `clocks in ${fire.timezone} go forward: its usual time does not exist on this day, so it fires at ${time}, the first instant after the gap`;
  }
  if (fire.dst === "repeated") {
    return `clocks in ${fire.timezone} go back: ${time} comes twice on this day, and it fires the first time only`;
  }
  return null;
}

/** Such as `Europe/Berlin: clocks go forward 1 h, from UTC+1 to UTC+2`. */
export function describeClockChange(change: ClockChange): string {
  const minutes = change.offset_after_min - change.offset_before_min;
  const direction = minutes > 0 ? "forward" : "back";
  const offsets = `from ${formatOffset(change.offset_before_min)} to ${formatOffset(change.offset_after_min)}`;
  return `${change.timezone}: clocks go ${direction} ${formatMinutes(Math.abs(minutes))}, ${offsets}`;
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return "UTC";
  const rest = Math.abs(minutes) % 60;
  const text = `${Math.floor(Math.abs(minutes) / 60)}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
  return `UTC${minutes < 0 ? "−" : "+"}${text}`;
}

function formatMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : "", rest > 0 ? `${rest} min` : ""].filter((part) => part !== "").join(" ");
}
